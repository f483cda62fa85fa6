/** What theorems assume of the method, seen along the run wherever it can be seen. */
import { dot, matvec, neg, norm, type Tensor, zip } from '@secant/linalg'
import { alongRun, declaredNumber, failed, shown, unknown } from './finding.ts'
import type { Replay } from './replay.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import type { Assumption, Finding } from './theorem.ts'

/** Rounding of x₊ = x + s, seen in s. */
export const stepRounding = ({ from, s }: StepView): number => 4 * 2 ** -52 * (norm(from.x) + norm(s))

/** The length of a + factor · b. */
const combined = (a: Tensor, factor: number, b: Tensor): number => norm(zip(a, b, (p, q) => p + factor * q))

/** Steps that are only rounding: what they promise of values cannot be seen in them. */
const isBelowRounding = ({ valueRounding }: RunView, { slope0, ss }: StepView): boolean =>
  ss > 0 && Math.abs(slope0) <= 100 * valueRounding

/** The share of the predicted decrease that each step achieves, at least. */
const decreaseShare = (run: RunView): number =>
  run.steps
    .filter((step) => !isBelowRounding(run, step))
    .reduce(
      (least, { from, to, slope0 }) => Math.min(least, (from.value - to.value) / -slope0),
      Number.POSITIVE_INFINITY,
    )

/** The share of the slope that each step leaves, at most. */
const slopeShare = (run: RunView): number =>
  run.steps.filter(({ settled }) => !settled).reduce((most, { slope0, slope }) => Math.max(most, slope / slope0), 0)

const armijoBreak =
  (run: RunView, c1: number) =>
  (step: StepView): string | undefined => {
    const { from, to, slope0, ss } = step
    if (!(ss > 0)) return 'it does not move'
    if (!(slope0 < 0)) return `g's = ${shown(slope0)} is not < 0`
    const decrease = from.value - to.value
    return decrease >= -c1 * slope0 - run.valueRounding
      ? undefined
      : `f − f₊ = ${shown(decrease)} < ${shown(-c1 * slope0)}`
  }

/** Every step decreases f by at least c₁ times what its slope promises; yields c₁, the best one where none is declared. */
export const sufficientDecrease: Assumption<number> = {
  statement: 'every step satisfies the Armijo condition with c₁',
  find: (run) => {
    const declared = declaredNumber(run, 'c1')
    const c1 = declared ?? Math.min(decreaseShare(run), 0.999)
    if (!(c1 > 0)) return failed(`no c₁ > 0: a step decreases f by ${shown(c1)} times what its slope promises`)
    const how = declared === undefined ? 'the best that the run satisfies' : 'declared and seen'
    return alongRun(run, c1, `c₁ = ${shown(c1)}, ${how}`, armijoBreak(run, c1))
  },
}

export interface WolfeConstants {
  readonly c1: number
  readonly c2: number
}

/** Every step satisfies the weak Wolfe conditions; yields their constants, the best ones where none are declared. */
export const wolfeSteps: Assumption<WolfeConstants> = {
  statement: 'every step satisfies the weak Wolfe conditions with c₁, c₂',
  find: (run): Finding<WolfeConstants> => {
    const decrease = sufficientDecrease.find(run)
    if (decrease.value === undefined) return { status: decrease.status, detail: decrease.detail }
    const declared = declaredNumber(run, 'c2')
    const c2 = declared ?? slopeShare(run)
    const value = { c1: decrease.value, c2 }
    if (!(c2 < 1)) return failed(`no c₂ < 1: a step leaves ${shown(c2)} times the slope it began with`)
    if (decrease.status === 'failed') return failed(decrease.detail, value)
    const how = declared === undefined ? 'the best that the run satisfies' : 'declared and seen'
    return alongRun(run, value, `${decrease.detail}; c₂ = ${shown(c2)}, ${how}`, ({ slope, slope0, settled }) =>
      settled || slope >= c2 * slope0 * (1 + 1e-9)
        ? undefined
        : `g₊'s = ${shown(slope)} < c₂ g's = ${shown(c2 * slope0)}`,
    )
  },
}

/** The slope at the end of every step is 0. */
export const exactSearch: Assumption<true> = {
  statement: 'every step minimizes f along its direction',
  find: (run) =>
    alongRun(run, true, "|g₊'s| ≤ 1e-6 |g's|", ({ slope, slope0, ss, settled }) => {
      if (!(ss > 0)) return 'it does not move'
      return settled || Math.abs(slope) <= 1e-6 * Math.abs(slope0)
        ? undefined
        : `|g₊'s / g's| = ${shown(Math.abs(slope / slope0))}`
    }),
}

/** Every step is −αg; yields the α. */
export const gradientSteps: Assumption<readonly number[]> = {
  statement: 'every step is −αg',
  find: (run) => {
    const alphas = run.steps.map(({ from, s, gg }) => (gg > 0 ? -dot(s, from.grad) / gg : 0))
    return alongRun(run, alphas, 's is parallel to −g', (step, i) => {
      const off = combined(step.s, alphas[i] as number, step.from.grad)
      return off <= 1e-9 * norm(step.s) + stepRounding(step) ? undefined : `s is ${shown(off)} away from −αg`
    })
  },
}

/** Every step is −αg with the same α; yields it. */
export const fixedGradientSteps: Assumption<number> = {
  statement: 'every step is −αg with one α',
  find: (run) => {
    const [first] = run.steps
    if (first === undefined) return unknown('the run has no steps')
    const alpha = -dot(first.s, first.from.grad) / first.gg
    return alongRun(run, alpha, `α = ${shown(alpha)}`, (step) => {
      const off = combined(step.s, alpha, step.from.grad)
      return off <= 1e-9 * norm(step.s) + stepRounding(step) ? undefined : `s is ${shown(off)} away from −αg`
    })
  },
}

/** Directions are −Hg with the matrices of BFGS, whatever the steps along them; yields these matrices. */
export const bfgsMatrices: Assumption<Replay> = {
  statement: 'directions are −Hg with H of BFGS',
  find: (run) => {
    const replay = run.replay()
    if (replay === undefined)
      return unknown('no first matrix: neither given, nor is the first direction recorded as a multiple of −g')
    return alongRun(run, replay, 'recorded directions agree with −Hg within 1e-6', ({ settled }, i) => {
      const { deviation } = replay.steps[i] as Replay['steps'][number]
      return settled || deviation <= 1e-6 ? undefined : `the direction is ${shown(deviation)} away from −Hg`
    })
  },
}

/** How far s is from the line of −Hg, relative to its length. */
const offLine = ({ s }: StepView, along: Tensor): number => {
  const alpha = dot(s, along) / dot(along, along)
  return combined(s, -alpha, along) / norm(s)
}

/** Steps of BFGS: x₊ = x − αHg with one number α. */
export const bfgsSteps: Assumption<Replay> = {
  statement: 'the method is BFGS: steps are −αHg',
  find: (run) => {
    const matrices = bfgsMatrices.find(run)
    if (matrices.status !== 'measured') return matrices
    return alongRun(run, matrices.value as Replay, matrices.detail, (step, i) => {
      const { h } = (matrices.value as Replay).steps[i] as Replay['steps'][number]
      if (step.settled || !(step.ss > 0)) return undefined
      const off = offLine(step, step.direction ?? applied(h, step.from.grad))
      return off <= 1e-6 + stepRounding(step) / norm(step.s) ? undefined : 'the step is not along its direction'
    })
  },
}

const applied = (h: Tensor, g: Tensor): Tensor => neg(matvec(h, g))

/** Every step is the direction itself. */
export const unitSteps: Assumption<true> = {
  statement: 'every step has length α = 1',
  find: (run) => {
    const replay = run.replay()
    return alongRun(run, true, 's = −Hg', (step, i) => {
      const matrices = replay?.steps[i]
      const along = step.direction ?? (matrices && applied(matrices.h, step.from.grad))
      if (along === undefined) return 'no direction is recorded'
      const off = combined(step.s, -1, along)
      return step.settled || off <= 1e-6 * norm(along) + stepRounding(step)
        ? undefined
        : `s is ${shown(off)} away from d`
    })
  },
}

export interface BacktrackingConstants {
  readonly c1: number
  readonly initial: number
  readonly shrink: number
}

/** Steps are the first of initial · shrinkʲ that satisfies the Armijo condition; yields the constants. */
export const backtrackingSteps: Assumption<BacktrackingConstants> = {
  statement: 'steps are found by backtracking from α₀ by the factor ρ until Armijo’s condition holds',
  find: (run) => {
    const { known, header } = run
    const declared = known.initialStep ?? header.options['initial']
    const [c1, shrink] = [declaredNumber(run, 'c1'), declaredNumber(run, 'shrink')]
    if (c1 === undefined || shrink === undefined || typeof declared !== 'number')
      return unknown('c₁, α₀ or ρ is not given')
    const value = { c1, initial: declared, shrink }
    const isDecreasing = armijoBreak(run, c1)
    return alongRun(run, value, `c₁ = ${c1}, α₀ = ${declared}, ρ = ${shrink}`, (step) => {
      const broken = isDecreasing(step)
      if (broken !== undefined || step.alpha === undefined) return broken ?? 'no α is recorded'
      const power = Math.log(step.alpha / declared) / Math.log(shrink)
      return power > -1e-6 && Math.abs(power - Math.round(power)) < 1e-6 ? undefined : `α = ${step.alpha} is no α₀ρʲ`
    })
  },
}
