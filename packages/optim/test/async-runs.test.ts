import { add, dot, mul, square, sub, type Value, valueAndGrad } from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type AsyncMinimizable,
  type AsyncObjective,
  backtracking,
  bfgs,
  type Descent,
  defaultMethod,
  descend,
  descendByProducts,
  type Iterate,
  inverseTimes,
  iterates,
  iteratesAsync,
  lbfgs,
  type Method,
  minimize,
  minimizeAsync,
  objectiveOf,
  run,
  runAsync,
  steepest,
  strongWolfe,
} from '../src/index.ts'

const valley = (x: Value): Value => {
  const [a, b] = [dot(x, tensor([1, 0])), dot(x, tensor([0, 1]))]
  return add(mul(100, square(sub(b, square(a)))), square(sub(1, a)))
}
const start = tensor([-1.2, 1])
const { objective } = objectiveOf(valley, start)

/** Answers later, and fails from a number of measurements on. */
const failingAfter = (limit: number): AsyncObjective<'gone'> => {
  let left = limit
  const later =
    <A>(measure: (x: Tensor) => A) =>
    (x: Tensor) =>
    async () => {
      await Promise.resolve()
      return left-- > 0 ? E.right(measure(x)) : E.left('gone' as const)
    }
  return { value: later(objective.value), point: later(objective.point) }
}

const steady = (): AsyncObjective<'gone'> => failingAfter(Number.POSITIVE_INFINITY)

const anyMethod = <M>(method: Method<Descent<M>>, limit = 60) => ({
  name: method.name,
  same: async (): Promise<void> => {
    const now = [...iterates(objective, method, start, { maxIterations: limit })]
    const later: Iterate<Descent<M>>[] = []
    for await (const iterate of iteratesAsync(steady(), method, start, { maxIterations: limit })) later.push(iterate)
    expect(later).toEqual(now)
  },
  resumed: async (after: number): Promise<void> => {
    const options = { maxIterations: limit }
    const whole = run(objective, method, start, options)
    const broken = await runAsync(failingAfter(after), method, start, options)()
    if (E.isRight(broken)) throw new Error('the run was not interrupted')
    expect(broken.left.error).toBe('gone')
    if (broken.left.last === undefined) throw new Error('nothing to go on from')
    const saved = structuredClone(broken.left.last)
    expect(await runAsync(steady(), method, saved, options)()).toEqual(E.right(whole))
  },
})

const methods = [
  anyMethod(descend(steepest(), backtracking())),
  anyMethod(descend(bfgs(), strongWolfe())),
  anyMethod(defaultMethod),
  anyMethod(descendByProducts(strongWolfe())),
  anyMethod(descendByProducts(strongWolfe(), { memory: 3 })),
]

describe.each(methods)('$name, answered later', ({ same, resumed }) => {
  test('has the same iterates, bit for bit', same)

  test('goes on from where a failed measurement left it, to the same end', async () => {
    for (const after of [1, 2, 7, 20]) await resumed(after)
  })
})

describe('descendByProducts', () => {
  const far = (x: Value): Value => add(valley(x), square(dot(x, tensor([1, 1]))))
  const near = (first: Tensor, second: Tensor): void => {
    for (const [i, entry] of first.data.entries())
      expect(Math.abs(entry - (second.data[i] as number))).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(entry)))
  }

  test.each([
    ['BFGS', descendByProducts(strongWolfe()), descend(bfgs(), strongWolfe())],
    ['L-BFGS', descendByProducts(strongWolfe(), { memory: 4 }), descend(lbfgs({ memory: 4 }), strongWolfe())],
  ] as const)('%s takes the steps of the method that keeps its matrix or pairs itself', (_, byProducts, direct) => {
    const { objective } = objectiveOf(far, start)
    const points = <M>(method: Method<Descent<M>>): readonly Tensor[] =>
      [...iterates(objective, method, start, { maxIterations: 9 })].map(({ point }) => point.x)
    const [one, other] = [points(byProducts), points<unknown>(direct as Method<Descent<unknown>>)]
    expect(one.length).toBe(other.length)
    one.forEach((x, k) => {
      near(x, other[k] as Tensor)
    })
  })

  test('a product that fails breaks the run off as a measurement does', async () => {
    const method = descendByProducts(strongWolfe())
    let products = 0
    const product: AsyncObjective<'gone'>['product'] = (history, vector) => async () =>
      ++products > 3 ? E.left('gone') : E.right(inverseTimes(history, vector))
    const broken = await runAsync({ ...steady(), product }, method, start)()
    expect(broken).toMatchObject({ _tag: 'Left', left: { error: 'gone', last: { counts: { iterations: 3 } } } })
  })

  test('needs a memory that is a whole number', () => {
    expect(() => descendByProducts(strongWolfe(), { memory: 0 })).toThrow('got memory 0; needs a whole number')
  })
})

describe('minimizeAsync', () => {
  const later: AsyncMinimizable<never, { readonly x: Value }> = (tree) => async () => {
    const [value, gradient] = valueAndGrad((t: { readonly x: Value }) => valley(t.x))(tree)
    return E.right([value, gradient] as const)
  }

  test('ends where minimize ends', async () => {
    const now = minimize((t: { readonly x: Value }) => valley(t.x), { x: start })
    expect(await minimizeAsync(later, { x: start })()).toEqual(E.right(now))
  })

  test('goes on from an iterate that is given', async () => {
    const now = minimize((t: { readonly x: Value }) => valley(t.x), { x: start })
    const few = await minimizeAsync(later, { x: start }, { maxIterations: 5 })()
    if (E.isLeft(few)) throw new Error('failed')
    const { state, best, counts, point } = few.right
    expect(await minimizeAsync(later, { x: start }, { from: { state, best, counts, point } })()).toEqual(E.right(now))
  })

  test('a first measurement that fails leaves nothing', async () => {
    const failed = await minimizeAsync(() => async () => E.left('gone' as const), { x: start })()
    expect(failed).toEqual(E.left({ error: 'gone', last: undefined }))
  })
})
