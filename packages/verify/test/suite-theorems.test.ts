/** All theorems of the package on random runs: where one applies, it holds. */
import { neg } from '@secant/autodiff'
import {
  adam,
  backtracking,
  bfgs,
  type Direction,
  descend,
  exactQuadratic,
  fixed,
  following,
  lbfgs,
  type Method,
  type Search,
  steepest,
} from '@secant/optim'
import { gradientDecrease, guarded, unitStepIf } from '@secant/policy'
import { type Known, type Report, traceOf, verify, withVerdict } from '@secant/verify'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  backtrackingSearches,
  convexProblems,
  type KnownProblem,
  printedAs,
  quadratics,
  randomPolicies,
  resolution,
  smoothProblems,
  windowFractions,
  wolfeSearches,
} from '../src/testing/index.ts'
import { opaque } from './suite.ts'

interface Draw {
  readonly problem: KnownProblem
  readonly method: Method<unknown>
  /** What is declared of the method. */
  readonly known: Known
}

const descents: readonly {
  readonly run: (search: Search) => Method<unknown>
  readonly known: Known
}[] = [
  { run: (search) => opaque(steepest(), search), known: {} },
  { run: (search) => opaque(bfgs(), search), known: { promises: ['secant equation'] } },
  { run: (search) => opaque(lbfgs({ memory: 2 }), search), known: { memory: 2 } },
]

const withL =
  <M>(direction: (L: number) => Direction<M>, search: (L: number, mu: number) => Search) =>
  (problem: KnownProblem): Draw => {
    const { L, mu = 0 } = problem.known
    return { problem, method: opaque(direction(L), search(L, mu)), known: {} }
  }

const families: Readonly<Record<string, fc.Arbitrary<Draw>>> = {
  'gradient descent': fc
    .tuple(smoothProblems({ leastLambda: 0 }), windowFractions)
    .map(([problem, fraction]) => withL(steepest, (L) => fixed(fraction / L))(problem)),
  'gradient descent, 2/(μ + L)': convexProblems().map(withL(steepest, (L, mu) => fixed(2 / (mu + L)))),
  'gradient descent, exact': quadratics().map(withL(steepest, () => exactQuadratic())),
  'BFGS, exact': quadratics({ maxN: 6 }).map(
    withL(
      () => bfgs(),
      () => exactQuadratic(),
    ),
  ),
  'BFGS from L I, unit steps': quadratics().map((problem) => ({
    ...withL(
      (L) => bfgs({ initialScale: () => 1 / L }),
      () => fixed(1),
    )(problem),
    known: { initialInverse: 1 / problem.known.L },
  })),
  'Wolfe searches': fc
    .tuple(smoothProblems(), fc.constantFrom(...descents), wolfeSearches())
    .map(([problem, { run, known }, { search, c1, c2 }]) => ({
      problem,
      method: run(search),
      known: { ...known, c1, c2 },
    })),
  backtracking: fc
    .tuple(smoothProblems(), fc.constantFrom(...descents), backtrackingSearches())
    .map(([problem, { run, known }, { search, c1, initial, shrink }]) => ({
      problem,
      method: run(search),
      known: { ...known, c1, initialStep: initial, shrink },
    })),
  'random policies': fc.tuple(convexProblems(), randomPolicies()).map(([problem, policy]) => ({
    problem,
    method: opaque(policy.on(bfgs()), backtracking()),
    known: { sigma: 0.1, promises: ['secant equation'] },
  })),
  'guarded random policies': fc.tuple(convexProblems(), randomPolicies()).map(([problem, policy]) => {
    const { L } = problem.known
    const fallback = {
      along: (_: unknown, at: { readonly grad: Parameters<typeof neg>[0] }) => neg(at.grad),
      search: fixed(1 / L),
    }
    const method = guarded(policy.on(bfgs()), unitStepIf(gradientDecrease(0.25 / L)), fallback)
    return { problem, method: method as unknown as Method<unknown>, known: { delta: 0.25 / L } }
  }),
  Adam: convexProblems().map((problem) => ({
    problem,
    method: descend(following(adam({ rate: 0.1 })), fixed(1)) as unknown as Method<unknown>,
    known: { adam: { rate: 0.1, beta1: 0.9, beta2: 0.999 } },
  })),
}

const printed = (draw: Draw): Draw => printedAs(`${draw.method.name} on ${draw.problem.name}`, draw)

/** Runs as far as values tell them from the minimum. */
const reportOn = ({ problem, method, known }: Draw): Report => {
  const options = { until: [resolution(problem)], maxIterations: 12 }
  return verify(traceOf(problem.measured, method, problem.start, options), { ...problem.known, ...known })
}

/** Conditions on steps are no theorems: not every method has promised them. */
const violatedBy = (draw: Draw): readonly string[] =>
  withVerdict(reportOn(draw), 'violated')
    .filter(({ kind }) => kind === 'theorem')
    .map(({ theorem, reasons }) => `${theorem}: ${reasons[0]}`)

describe('theorems on random runs', () => {
  test.for(Object.entries(families))('%s', async ([, draws], { annotate }) => {
    const applied = new Map<string, number>()
    fc.assert(
      fc.property(draws.map(printed), (draw) => {
        const report = reportOn(draw)
        expect(violatedBy(draw)).toEqual([])
        for (const { theorem } of withVerdict(report, 'holds')) applied.set(theorem, (applied.get(theorem) ?? 0) + 1)
      }),
      { numRuns: 20 },
    )
    await annotate([...applied].map(([theorem, count]) => `${theorem} ${count}`).join(', '))
    expect(applied.size).toBeGreaterThan(3)
  })

  test('can fail: where a method is declared to be another one', () => {
    const violated = fc.sample(families['Adam'] as fc.Arbitrary<Draw>, 20).flatMap((draw) => {
      const report = reportOn({ ...draw, known: { adam: { rate: 0.05, beta1: 0.9, beta2: 0.999 } } })
      return withVerdict(report, 'violated').map(({ theorem }) => theorem)
    })
    expect(new Set(violated)).toContain('step bound of Adam')
  })
})
