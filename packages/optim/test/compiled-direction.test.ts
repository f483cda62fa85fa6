import { concrete, dot, item, mul, neg, sub, sum, tanh, type Value } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import { describe, expect, test, vi } from 'vitest'
import { compiledDirection } from '../src/compiled-direction.ts'
import {
  adam,
  bfgs,
  type Direction,
  descend,
  drive,
  fixed,
  following,
  lbfgs,
  type Method,
  minimize,
  momentum,
  objectiveOf,
  steepest,
  strongWolfe,
} from '../src/index.ts'

const bent = (x: Value): Value => sum(sub(dot(x, mul(tensor([1, 10, 3, 0.5]), x)), tanh(x)))
const start = tensor([1, -2, 0.5, 3])

/** States after each of some steps, with the direction called as it is, or compiled from the first call on. */
const states = <M>(direction: Direction<M>, search: Parameters<typeof descend>[1]): readonly unknown[] => {
  const { objective } = objectiveOf(bent, start)
  const method: Method<unknown> = descend(direction, search) as Method<unknown>
  let state = method.init(objective.point(start))
  return Array.from({ length: 15 }, () => {
    const next = drive(objective, method.step(state))
    if (next._tag === 'Right') state = next.right
    return next
  })
}

describe('a compiled direction takes the same steps, bit for bit', () => {
  const directions: readonly (readonly [string, Direction<unknown>, Parameters<typeof descend>[1]])[] = [
    ['steepest descent', steepest() as Direction<unknown>, strongWolfe()],
    ['BFGS', bfgs() as Direction<unknown>, strongWolfe()],
    ['L-BFGS', lbfgs({ memory: 3 }) as Direction<unknown>, strongWolfe()],
    ['Adam', following(adam({ rate: 0.1 })) as Direction<unknown>, fixed(1)],
    ['momentum', following(momentum({ rate: 0.01 })) as Direction<unknown>, fixed(1)],
  ]

  test.each(directions)('%s', (_, direction, search) => {
    const eager: Direction<unknown> = { ...direction }
    const plain = states({ ...eager, propose: readingNothing(eager.propose) }, search)
    expect(states(compiledDirection(direction, 0), search)).toEqual(plain)
  })

  /** A function that cannot be recorded, so that it stays as it is. */
  const readingNothing =
    (f: Direction<unknown>['propose']): Direction<unknown>['propose'] =>
    (memory, at) => {
      item(sum(at.grad))
      return f(memory, at)
    }
})

describe('what is compiled', () => {
  test('a direction that reads numbers is called as it is', () => {
    const calls = vi.fn()
    const reading: Direction<null> = {
      ...steepest(),
      propose: (memory, at) => {
        calls(item(dot(at.grad, at.grad)))
        return [neg(at.grad), memory]
      },
    }
    const { propose } = compiledDirection(reading, 0)
    const place = { x: start, value: 1, grad: start }
    for (let i = 0; i < 3; i++) expect(concrete(propose(null, place)[0]).data).toEqual(start.data.map((a) => -a))
    expect(calls).toHaveBeenCalledTimes(3)
  })

  test('its mistakes are told', () => {
    const wrong: Direction<null> = { ...steepest(), propose: () => [dot(start, tensor([1])), null] }
    const propose = (): unknown => compiledDirection(wrong, 0).propose(null, { x: start, value: 1, grad: start })
    expect(propose).toThrow('dot: got')
  })

  test('the objective, if asked', () => {
    const options = { method: descend(lbfgs(), strongWolfe()) }
    const eager = minimize(bent, start, options)
    const compiled = minimize(bent, start, { ...options, compile: true })
    expect(compiled).toEqual(eager)
    const reading = (x: Value): Value => (item(sum(x)) > 0 ? bent(x) : neg(bent(x)))
    expect(() => minimize(reading, start, { compile: true })).toThrow('not known while recording')
  })
})
