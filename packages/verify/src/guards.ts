/** What a guard is worth, whatever policy stands behind it; proposition 7 of the note on coordinate-wise steps (CWSS). */
import { add, dot, map, norm } from '@secant/linalg'
import { minimum, smooth, stronglyConvex } from './assumptions.ts'
import { source } from './coordinatewise.ts'
import { alongRun, declaredNumber, shown, unknown } from './finding.ts'
import { stepRounding } from './method-assumptions.ts'
import { firstGap, gapsAtMost } from './rate.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'

/** The share of ‖g‖² that a guarded step decreases f by, or that its fallback does. */
const guardedShare = (fallback: (run: RunView, delta: number) => Finding<number>): Assumption<number> => ({
  statement: 'every step decreases f by δ‖g‖², or is the fallback along −g',
  find: (run) => {
    const { delta } = run.known
    return delta === undefined ? unknown('δ is not given') : fallback(run, delta)
  },
})

const decreasesBy = ({ from, to, gg }: StepView, share: number, { valueRounding }: RunView): boolean =>
  from.value - to.value >= share * gg - valueRounding

/** The step along −g of each step, or NaN where it is none. */
const gradientLengths = (run: RunView): readonly number[] =>
  run.steps.map((step) => {
    const alpha = -dot(step.s, step.from.grad) / step.gg
    const off = norm(
      add(
        step.s,
        map(step.from.grad, (g) => alpha * g),
      ),
    )
    return off <= 1e-9 * norm(step.s) + stepRounding(step) ? alpha : Number.NaN
  })

const knownL = guardedShare((run, delta) => {
  const L = run.constants.L?.value
  if (L === undefined) return unknown('L is not known')
  const lengths = gradientLengths(run)
  const share = Math.min(delta, 1 / (2 * L))
  return alongRun(run, share, `δ = ${shown(delta)}, 1/(2L) = ${shown(1 / (2 * L))}`, (step, i) =>
    decreasesBy(step, delta, run) || Math.abs((lengths[i] as number) * L - 1) <= 1e-9
      ? undefined
      : 'neither decreases f by δ‖g‖² nor is −g/L',
  )
})

const backtrackingFallback = guardedShare((run, delta) => {
  const [L, c1, shrink] = [run.constants.L?.value, declaredNumber(run, 'c1'), declaredNumber(run, 'shrink')]
  const initial = run.known.initialStep
  if (L === undefined || c1 === undefined || shrink === undefined || initial === undefined)
    return unknown('L, c₁, α₀ or ρ is not known')
  const lengths = gradientLengths(run)
  const share = Math.min(delta, c1 * Math.min(initial, (2 * shrink * (1 - c1)) / L))
  return alongRun(run, share, `m = ${shown(share)}`, (step, i) => {
    if (decreasesBy(step, delta, run)) return undefined
    const alpha = lengths[i] as number
    const power = Math.log(alpha / initial) / Math.log(shrink)
    const isTried = power > -1e-6 && Math.abs(power - Math.round(power)) < 1e-6
    return isTried && decreasesBy(step, c1 * alpha, run)
      ? undefined
      : 'neither decreases f by δ‖g‖² nor backtracks along −g'
  })
})

const guardRate = (name: string, statement: string, share: Assumption<number>): Theorem =>
  theorem({
    name,
    source: source('proposition 7'),
    statement,
    assumptions: { L: smooth, mu: stronglyConvex, minimum, share },
    bound: (run, { mu, minimum, share }) =>
      gapsAtMost(run, minimum, (k) => (1 - 2 * mu * share) ** k * firstGap(run, minimum)),
  })

const guardWithL: Theorem = guardRate(
  'rate of the guard, L known',
  'f_k − f* ≤ (1 − 2μ min(δ, 1/(2L)))ᵏ (f₀ − f*), whatever the policy',
  knownL,
)

const guardByBacktracking: Theorem = guardRate(
  'rate of the guard, L unknown',
  'f_k − f* ≤ (1 − 2μm)ᵏ (f₀ − f*), m = min(δ, c₁ min(α₀, 2ρ(1 − c₁)/L)), whatever the policy',
  backtrackingFallback,
)

export const guardTheorems: Readonly<Record<'guardWithL' | 'guardByBacktracking', Theorem>> = {
  guardWithL,
  guardByBacktracking,
}
