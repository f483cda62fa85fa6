/** Laws of methods and directions: kept by those of the library, broken by others, with counterexamples one can read. */
import { concrete, div, norm as length, mul, neg, type Value } from '@secant/autodiff'
import { add, axpy, fromData, scalar } from '@secant/linalg'
import {
  adam,
  armijo,
  backtracking,
  bfgs,
  type Direction,
  descend,
  fixed,
  following,
  lbfgs,
  type Method,
  measurePoint,
  type Point,
  steepest,
  strongWolfe,
  strongWolfeCondition,
} from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type KnownProblem,
  type Law,
  lawsOf,
  type MethodClaims,
  permutation,
  propertiesOf,
  quadratics,
  randomPolicy,
  rotation,
  scalingOfValues,
  scalingOfVariables,
  smoothProblems,
  translation,
} from '../src/testing/index.ts'

const few = { numRuns: 15 }

/** Gradient descent, ten lines of one's own: a state is the point. */
const byHand = (rateOf: (L: number) => number): ((problem: KnownProblem) => Method<Point>) => {
  return ({ known }) => ({
    name: 'gradient descent by hand',
    init: (start) => start,
    at: (point) => point,
    *step(point) {
      return E.right(yield* measurePoint(axpy(-rateOf(known.L), point.grad, point.x)))
    },
  })
}

const kept: readonly (readonly [name: string, laws: readonly Law[]])[] = [
  [
    'BFGS with a strong Wolfe search',
    propertiesOf(descend(bfgs(), strongWolfe()), {
      descends: true,
      steps: strongWolfeCondition(),
      follows: [translation, rotation, permutation, scalingOfValues],
      convergesWithin: 200,
    }),
  ],
  [
    'L-BFGS with backtracking',
    propertiesOf(descend(lbfgs({ memory: 2 }), backtracking()), {
      descends: true,
      steps: armijo(),
      follows: [translation, rotation, permutation],
      problems: smoothProblems(),
    }),
  ],
  [
    'gradient descent by hand',
    propertiesOf(
      byHand((L) => 1 / L),
      {
        descends: true,
        follows: [translation, rotation, permutation, scalingOfValues, scalingOfVariables],
        convergesWithin: 150,
        problems: quadratics({ maxCondition: 10 }),
      },
    ),
  ],
  [
    'Adam',
    propertiesOf(descend(following(adam({ rate: 0.01 })), fixed(1)), {
      follows: [translation, permutation],
      known: { adam: { rate: 0.01, beta1: 0.9, beta2: 0.999 } },
    }),
  ],
  ['the direction of BFGS', lawsOf(bfgs(), { secant: true, positiveDefinite: true, permutes: true })],
  ['the direction of L-BFGS', lawsOf(lbfgs({ memory: 3 }), { secant: true, positiveDefinite: true, permutes: true })],
  ['the direction of Adam', lawsOf(following(adam()), { permutes: true })],
  ['a random policy', lawsOf(randomPolicy({ hidden: 2, seed: 5, size: 2 }).on(bfgs()), { permutes: true })],
]

describe.each(kept)('%s', (_, laws) => {
  for (const { name, property } of laws) test(name, () => fc.assert(property, few))
})

// ---- What breaks each of them

const plain = descend(steepest(), fixed(0.01))

const moved = ({ x, value, grad }: Point): Point => ({ x: add(x, scalar(1)), value, grad })

/** Changes of a sound method; the state is that of `plain`. */
type Broken = Method<ReturnType<typeof plain.init>>

let calls = 0

const methods: Readonly<
  Record<string, readonly [method: Broken | ((problem: KnownProblem) => Broken), claims?: MethodClaims]>
> = {
  'begins where it is told to': [{ ...plain, init: (start) => plain.init(moved(start)) }],
  'stays at a minimizer': [
    descend({ ...steepest(), propose: (memory, at) => [div(neg(at.grad), length(at.grad)), memory] }, fixed(0.01)),
  ],
  'tells of its points what was measured there': [
    { ...plain, at: (state) => ({ ...state.point, value: state.point.value - 1e-9 }) },
  ],
  'stays finite on convex problems': [descend(steepest(), fixed(1e200))],
  'a step is a pure function of the state and the answers': [
    descend({ ...steepest(), propose: (memory, at) => [mul(-++calls, at.grad), memory] }, fixed(0.01)),
  ],
  'a saved state goes on to the same bits': [
    descend({ ...steepest(), propose: (memory, at) => [mul(-(++calls % 7), at.grad), memory] }, fixed(0.01)),
  ],
  'certificates are true at the returned point, which is no worse than the start': [
    {
      ...plain,
      at: ({ point, last }) =>
        last === null ? point : { ...point, grad: fromData(new Float64Array(point.x.data.length)) },
    },
  ],
  'the theorems that apply hold': [
    descend(following(adam({ rate: 0.2 })), fixed(1)) as unknown as Broken,
    { known: { adam: { rate: 0.1, beta1: 0.9, beta2: 0.999 } } },
  ],
  'values never rise': [byFactor(2.01), { descends: true, problems: quadratics() }],
  'steps satisfy Armijo(0.3)': [descend(steepest(), backtracking({ c1: 0.1 })) as Broken, { steps: armijo(0.3) }],
  'follows a rotation': [
    descend({ ...steepest(), propose: (memory, at) => [neg(firstHalved(at.grad)), memory] }, fixed(0.1)),
    { follows: [rotation] },
  ],
  'follows a translation': [
    descend({ ...steepest(), propose: (memory, at) => [neg(mul(0.1, at.x)), memory] }, fixed(0.1)),
    { follows: [translation] },
  ],
  'converges within 50 iterations': [byFactor(1e-3), { convergesWithin: 50 }],
}

function byFactor(factor: number): (problem: KnownProblem) => Broken {
  return ({ known }) => descend(steepest(), fixed(factor / known.L))
}

function firstHalved(x: Value): Value {
  const data = Float64Array.from(concrete(x).data)
  data[0] = (data[0] as number) / 2
  return fromData(data)
}

/** What fast-check would print. */
const failureOf = (laws: readonly Law[], name: string): { readonly n: number; readonly report: string } => {
  const law = laws.find((one) => one.name === name)
  if (law === undefined) throw new Error(`no law ${name}`)
  const details = fc.check(law.property)
  if (!details.failed) throw new Error(`${name} was kept`)
  const drawn = (details.counterexample as readonly unknown[]).flat(2)
  const { n } = drawn.find((value) => typeof value === 'object' && value !== null && 'known' in value) as KnownProblem
  return { n, report: `${fc.defaultReportMessage(details)}\n${details.errorInstance}` }
}

describe('broken methods are found', () => {
  test.each(Object.entries(methods))('%s', (name, [method, claims]) => {
    const { n, report } = failureOf(propertiesOf(method, claims), name)
    // A small problem, written as the call that makes it, a seed to see it again, and one sentence on what is wrong.
    expect(n).toBeLessThanOrEqual(2)
    expect(report).toMatch(/Counterexample: \[\[?(quadratic|logistic|logSumExpLoss)\(\{ .* \}\)/)
    expect(report).toMatch(/seed: -?\d+, path: "/)
    expect(report.split('\n').length).toBeLessThan(12)
    expect(report.length).toBeLessThan(700)
  })
})

const directions: Readonly<Record<string, Direction<unknown>>> = {
  'is pure and can be recorded': {
    ...steepest(),
    propose: (memory, at) => [mul(-++calls, at.grad), memory],
  } as Direction<unknown>,
  'satisfies the secant equation': steepest() as Direction<unknown>,
  'goes down from every gradient': bfgs({ initialScale: () => -1 }) as Direction<unknown>,
  'permuting the variables permutes the direction': {
    ...steepest(),
    propose: (memory, at) => [neg(firstHalved(at.grad)), memory],
  } as Direction<unknown>,
}

describe('broken directions are found', () => {
  test.each(Object.entries(directions))('%s', (name, direction) => {
    const { n, report } = failureOf(lawsOf(direction, { secant: true, positiveDefinite: true, permutes: true }), name)
    expect(n).toBeLessThanOrEqual(2)
    expect(report.length).toBeLessThan(700)
  })
})

test('what is printed can be pasted', () => {
  const laws = propertiesOf(byFactor(2.01), { descends: true, problems: quadratics() })
  const { report } = failureOf(laws, 'values never rise')
  expect(report).toContain('Counterexample: [quadratic({ spectrum: [1], turn: 0, minimizer: [0], start: [1] })]')
  expect(report).toContain('step 0 raised f from 0.5 to 0.51')
})
