import { checkDerivative, concrete, item, vmap } from '@secant/autodiff'
import { key, split } from '@secant/linalg'
import { expect, test } from 'vitest'
import { batchOf, instanceOf, leastSquaresFamily } from '../src/index.ts'

test('a batch has the values of its members', () => {
  const family = leastSquaresFamily({ n: 3, spread: 10 })
  const keys = split(key(1), 4)
  const { data, starts } = batchOf(family, keys)
  const values = concrete(vmap(family.objective)(data, starts))
  const each = keys.map((k) => {
    const { objective, start } = instanceOf(family, k)
    return item(objective(start))
  })
  for (const [i, value] of values.data.entries()) expect(value).toBeCloseTo(each[i] as number, 12)
  const one = instanceOf(family, keys[0] ?? key(0))
  expect(checkDerivative(one.objective, one.start)).toMatchObject({ agrees: true })
})
