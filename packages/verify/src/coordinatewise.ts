/** Coordinate-wise steps x₊ = x − p ⊙ Hg, and guards; sections 4 and 9 of the note on them (CWSS). */
import { add, map, matmul, mul, norm, sub, type Tensor } from '@secant/linalg'
import { convex, distancesFrom, energyNorm, minimizer, quadratic, smooth } from './assumptions.ts'
import { above, atLeast, atMost, type Comparison } from './comparison.ts'
import { type DescentConstants, descentConstants } from './descent-constants.ts'
import { alongRun, declaredNumber, shown, unknown } from './finding.ts'
import { eigenvaluesOf } from './matrices.ts'
import { bfgsMatrices, stepRounding } from './method-assumptions.ts'
import { promised } from './promises.ts'
import { mostForEigenvalues, type Replay, type ReplayStep } from './replay.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'

export const source = (part: string): string => `note on coordinate-wise steps, ${part}`

/** A step s = p ⊙ d with what its descent depends on. */
interface Scaled {
  readonly step: StepView
  readonly direction: Tensor
  readonly p: Tensor
  readonly least: number
  readonly most: number
  /** c = −Σ pᵢgᵢdᵢ, and −g'd. */
  readonly c: number
  readonly full: number
  /** Σ max(−gᵢdᵢ, 0) and Σ max(gᵢdᵢ, 0). */
  readonly plus: number
  readonly minus: number
}

const scaledBy = (step: StepView, direction: Tensor, p: Tensor): Scaled => {
  const w = Array.from(mul(step.from.grad, direction).data, (gd) => -gd)
  const plus = w.reduce((total, value) => total + Math.max(value, 0), 0)
  const minus = w.reduce((total, value) => total + Math.max(-value, 0), 0)
  const c = w.reduce((total, value, i) => total + value * (p.data[i] as number), 0)
  const sizes = Array.from(p.data)
  return { step, direction, p, least: Math.min(...sizes), most: Math.max(...sizes), c, full: plus - minus, plus, minus }
}

/** Steps are p ⊙ d; yields them. A step with one α for all coordinates counts where another step has a p. */
export const scaledSteps: Assumption<readonly Scaled[]> = {
  statement: 'steps are p ⊙ d with recorded p and d',
  find: (run): Finding<readonly Scaled[]> => {
    if (!run.steps.some(({ p }) => p !== undefined)) return unknown('no p is recorded')
    const scaled = run.steps.flatMap((step) => {
      const p = step.p ?? (step.alpha === undefined ? undefined : map(step.s, () => step.alpha as number))
      return step.direction === undefined || p === undefined ? [] : [scaledBy(step, step.direction, p)]
    })
    if (scaled.length < run.steps.length) return unknown('a step has no d')
    return alongRun(run, scaled, 's = p ⊙ d at every step', (step, i) => {
      const { direction, p } = scaled[i] as Scaled
      const off = norm(sub(step.s, mul(p, direction)))
      return off <= 1e-9 * norm(step.s) + stepRounding(step) ? undefined : `s is ${shown(off)} away from p ⊙ d`
    })
  },
}

export const positiveSteps: Assumption<true> = {
  statement: 'every p_i > 0',
  find: (run) =>
    alongRun(run, true, 'seen', ({ p }) =>
      p !== undefined && Math.min(...Array.from(p.data)) <= 0 ? 'a p_i is ≤ 0' : undefined,
    ),
}

const exactDescent: Theorem = theorem({
  name: 'descent of a coordinate-wise step',
  kind: 'condition',
  source: source('4.1'),
  statement: 'c = −Σ p_i g_i d_i > 0: f falls along p ⊙ d if and only if',
  assumptions: { steps: scaledSteps, promise: promised('descent') },
  bound: (_, { steps }) =>
    steps.map(({ step: { k, from, s }, c }) => above(k, c, 0, { scale: norm(from.grad) * norm(s) })),
})

const wholeBox: Theorem = theorem({
  name: 'descent in a whole box',
  source: source('4.1'),
  statement: 'c ≥ p_min W₊ − p_max W₋, W± the sums of the positive and negative −g_i d_i: c > 0 if ε < −g’d/Σ|g_i d_i|',
  assumptions: { steps: scaledSteps },
  bound: (_, { steps }) =>
    steps.flatMap(({ step: { k, settled }, c, least, most, plus, minus, full }): readonly Comparison[] => {
      if (settled) return []
      const scale = most * (plus + minus)
      const epsilon = (most - least) / (most + least)
      return [
        atLeast(k, c, least * plus - most * minus, { scale }),
        ...(epsilon < full / (plus + minus) ? [above(k, c, 0, { scale })] : []),
      ]
    }),
})

/** For each step, the tight constants of its P and its H; undefined where H is too large for eigenvalues. */
const constantsAt = (
  { n }: RunView,
  steps: readonly Scaled[],
  replay: Replay,
): readonly (DescentConstants | undefined)[] =>
  steps.map(({ least, most }, i) => {
    const spectrum = (replay.steps[i] as ReplayStep).spectrum()
    const [hMin, hMax] = [spectrum?.[0], spectrum?.[n - 1]]
    return hMin === undefined || hMax === undefined || !(hMin > 0) || !(least > 0)
      ? undefined
      : descentConstants({ pMin: least, pMax: most, hMin, hMax })
  })

const conditionNumbers: Theorem = theorem({
  name: 'descent from condition numbers',
  source: source('4.1'),
  statement: '(√κ_P − 1)(√κ_H − 1) < 2 implies c > 0',
  assumptions: { steps: scaledSteps, positiveSteps, replay: bfgsMatrices },
  bound: (run, { steps, replay }) => {
    const constants = constantsAt(run, steps, replay)
    return steps.flatMap(({ step: { k, from, s }, c }, i) =>
      constants[i]?.descends === true ? [above(k, c, 0, { scale: norm(from.grad) * norm(s) })] : [],
    )
  },
})

const tightConstants: Theorem = theorem({
  name: 'tight constants of descent',
  source: source('lemmas 1 and 2'),
  statement: "g'PHg ≥ m₁‖g‖² and g'PHg ≥ m₂‖PHg‖²",
  assumptions: { steps: scaledSteps, positiveSteps, replay: bfgsMatrices },
  bound: (run, { steps, replay }) => {
    const constants = constantsAt(run, steps, replay)
    return steps.flatMap(({ step: { k, gg, ss, from, s, settled }, c }, i): readonly Comparison[] => {
      const found = constants[i]
      if (found === undefined || settled) return []
      const scale = norm(from.grad) * norm(s)
      return [atLeast(k, c, found.m1 * gg, { scale }), atLeast(k, c, found.m2 * ss, { scale })]
    })
  },
})

const shareOf = (run: RunView): number => declaredNumber(run, 'sigma') ?? 0.5

const sufficientDecreaseOfStep: Theorem = theorem({
  name: 'decrease of a coordinate-wise step',
  source: source('4.2'),
  statement: 'f(x + τs) ≤ f − στc with τ = min(1, 2(1 − σ)c/(L‖s‖²)), c > 0',
  assumptions: { L: smooth, steps: scaledSteps },
  bound: (run, { L, steps }) => {
    const sigma = shareOf(run)
    return steps.flatMap(({ step: { k, from, to, s, ss, settled }, c }): readonly Comparison[] => {
      if (settled || !(c > 0)) return []
      const tau = Math.min(1, (2 * (1 - sigma) * c) / (L * ss))
      // A step that is too long by its own test says nothing itself; the shortened one does, if f can be asked.
      const shortened = add(
        from.x,
        map(s, (entry) => tau * entry),
      )
      const value = tau === 1 ? to.value : run.known.objective?.value(shortened)
      return value === undefined
        ? []
        : [atMost(k, value - from.value, -sigma * tau * c, { scale: tau * c, rounding: run.valueRounding })]
    })
  },
})

/** The largest singular value of I − HA. */
const offIdentity = (h: Tensor, a: Tensor): number => {
  const n = h.shape[0] as number
  const off = map(matmul(h, a), (entry) => -entry)
  const data = Float64Array.from(off.data, (entry, i) => (i % (n + 1) === 0 ? entry + 1 : entry))
  const m: Tensor = { dtype: 'float64', shape: [n, n], data }
  const values = eigenvaluesOf(matmul(m, m, { transposeA: true }))
  return Math.sqrt(Math.max(0, values?.[n - 1] ?? Number.NaN))
}

const errorContraction: Theorem = theorem({
  name: 'contraction of the error',
  source: source('proposition 4'),
  statement: '‖x₊ − x*‖ ≤ (max|1 − p_i| + p_max‖I − HA‖)‖x − x*‖',
  assumptions: { a: quadratic, x: minimizer, steps: scaledSteps, replay: bfgsMatrices },
  bound: (run, { a, x, steps, replay }) => {
    if (run.n > mostForEigenvalues) return []
    const distances = distancesFrom(run, x)
    return steps.flatMap(({ step: { k, settled }, p, most }, i): readonly Comparison[] => {
      if (settled) return []
      const spread = Math.max(...Array.from(p.data, (size) => Math.abs(1 - size)))
      const factor = spread + most * offIdentity((replay.steps[i] as ReplayStep).h, a)
      return [
        atMost(k, distances[i + 1] as number, factor * (distances[i] as number), {
          rounding: 1e-14 * (norm(x) + (distances[0] as number)),
        }),
      ]
    })
  },
})

const scalarContraction: Theorem = theorem({
  name: 'contraction in the metric of B',
  source: source('proposition 4'),
  statement: '‖x₊ − x*‖_B ≤ ‖x − x*‖_B for α in (0, 2) wherever B ⪰ LI',
  assumptions: { L: smooth, convex, x: minimizer, replay: bfgsMatrices },
  bound: (run, { L, x, replay }) =>
    run.steps.flatMap(({ k, from, to, alpha, p, settled }, i): readonly Comparison[] => {
      const { b, spectrum } = replay.steps[i] as ReplayStep
      const greatest = spectrum()?.[run.n - 1] ?? Number.POSITIVE_INFINITY
      const isAbove = greatest * L <= 1 + 1e-12
      if (settled || p !== undefined || alpha === undefined || !(alpha > 0 && alpha < 2) || !isAbove) return []
      return [atMost(k, energyNorm(b, sub(to.x, x)), energyNorm(b, sub(from.x, x)))]
    }),
})

export const coordinatewiseTheorems: Readonly<
  Record<
    | 'exactDescent'
    | 'wholeBox'
    | 'conditionNumbers'
    | 'tightConstants'
    | 'sufficientDecreaseOfStep'
    | 'errorContraction'
    | 'scalarContraction',
    Theorem
  >
> = {
  exactDescent,
  wholeBox,
  conditionNumbers,
  tightConstants,
  sufficientDecreaseOfStep,
  errorContraction,
  scalarContraction,
}
