/** Superlinear convergence: unit steps, Dennis and Moré; section 7 of the convergence theory note. */
import { add, dot, matvec, neg, norm, sub, type Tensor } from '@secant/linalg'
import {
  distancesFrom,
  energyNorm,
  hessianAtMinimizer,
  lipschitzHessian,
  minimizer,
  quadratic,
  smooth,
  stronglyConvex,
} from './assumptions.ts'
import { atMost, type Comparison } from './comparison.ts'
import { shown } from './finding.ts'
import { generalizedEigenvalues, solveSpd } from './matrices.ts'
import { bfgsMatrices, bfgsSteps, unitSteps } from './method-assumptions.ts'
import { mostForEigenvalues, type Replay, type ReplayStep } from './replay.ts'
import type { RunView } from './run-view.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'
import { errorRatios, falls } from './trend.ts'

/** How the first matrix lies above the Hessian of a quadratic. */
interface Above {
  /** B₀ ⪯ ζA. */
  readonly zeta: number
  /** σ₀ = tr(A⁻¹B₀) − n. */
  readonly sigma: number
}

const spectrumOfFirst = ({ known, replay, n }: RunView): readonly number[] | undefined => {
  const b = replay()?.steps[0]?.b
  return b === undefined || known.hessian === undefined || n > mostForEigenvalues
    ? undefined
    : generalizedEigenvalues(b, known.hessian)
}

const aboveHessian: Assumption<Above> = {
  statement: 'A ⪯ B₀ ⪯ ζA',
  find: (run): Finding<Above> => {
    const spectrum = spectrumOfFirst(run)
    if (spectrum === undefined) return { status: 'unknown', detail: 'A or B₀ is not known' }
    const [least, zeta] = [spectrum[0] as number, spectrum[run.n - 1] as number]
    const value = { zeta, sigma: spectrum.reduce((total, eigenvalue) => total + eigenvalue - 1, 0) }
    const detail = `A⁻¹B₀ has eigenvalues from ${shown(least)} to ${shown(zeta)}`
    return { status: least >= 1 - 1e-9 ? 'measured' : 'failed', detail, value }
  },
}

/** λ_k = √(g'A⁻¹g), the length of the Newton step in energy. */
const newtonDecrements = ({ points }: RunView, a: Tensor): readonly number[] =>
  points.map(({ grad }) => Math.sqrt(Math.max(0, dot(grad, solveSpd(a, grad) ?? grad))))

/** Below this share of the first decrement a run is rounding. */
const decrementFloor = 1e-9

const decrementsAtMost = (
  run: RunView,
  decrements: readonly number[],
  boundAt: (k: number) => number,
): readonly Comparison[] =>
  decrements.flatMap((decrement, k) =>
    k === 0 || decrement < decrementFloor * (decrements[0] as number)
      ? []
      : [atMost(run.first + k, decrement, boundAt(k))],
  )

const rodomanovNesterov =
  'Rodomanov and Nesterov 2021, Rates of superlinear convergence for classical quasi-Newton methods'

const unitStepLinear: Theorem = theorem({
  name: 'unit-step BFGS on quadratics, linear phase',
  source: rodomanovNesterov,
  statement: "λ_k+1 ≤ (1 − 1/ζ) λ_k, λ = √(g'A⁻¹g), A ⪯ B₀ ⪯ ζA",
  assumptions: { a: quadratic, above: aboveHessian, replay: bfgsSteps, unitSteps },
  bound: (run, { a, above }) => {
    const decrements = newtonDecrements(run, a)
    return decrementsAtMost(run, decrements, (k) => (1 - 1 / above.zeta) * (decrements[k - 1] as number))
  },
})

const unitStepSuperlinear: Theorem = theorem({
  name: 'unit-step BFGS on quadratics, superlinear rate',
  source: rodomanovNesterov,
  statement: 'λ_k ≤ (σ₀/k)^(k/2) λ₀, σ₀ = tr(A⁻¹B₀) − n ≤ nκ',
  assumptions: { a: quadratic, above: aboveHessian, replay: bfgsSteps, unitSteps },
  bound: (run, { a, above }) => {
    const decrements = newtonDecrements(run, a)
    return decrementsAtMost(run, decrements, (k) => (above.sigma / k) ** (k / 2) * (decrements[0] as number))
  },
})

const startsAtL: Assumption<true> = {
  statement: 'B₀ = LI',
  find: (run) => {
    const [b, L] = [run.replay()?.steps[0]?.b, run.constants.L?.value]
    if (b === undefined || L === undefined) return { status: 'unknown', detail: 'B₀ or L is not known' }
    const off = Math.max(...Array.from(b.data, (entry, i) => Math.abs(entry - (i % (run.n + 1) === 0 ? L : 0))))
    return {
      status: off <= 1e-9 * L ? 'measured' : 'failed',
      detail: `B₀ − LI has entries up to ${shown(off)}`,
      value: true,
    }
  },
}

const unitStepSharper: Theorem = theorem({
  name: 'unit-step BFGS on quadratics, sharper rate',
  kind: 'evidence',
  source: 'Rodomanov and Nesterov 2021, New results on superlinear convergence; exact constants not confirmed',
  statement: 'λ_k ≤ (2(exp((n/k) ln κ) − 1))^(k/2) √κ λ₀',
  assumptions: { a: quadratic, L: smooth, mu: stronglyConvex, startsAtL, replay: bfgsSteps, unitSteps },
  bound: (run, { a, L, mu }) => {
    const decrements = newtonDecrements(run, a)
    return decrementsAtMost(
      run,
      decrements,
      (k) =>
        (2 * Math.expm1((run.n / k) * Math.log(L / mu))) ** (k / 2) * Math.sqrt(L / mu) * (decrements[0] as number),
    )
  },
})

/** Jin and Mokhtari's start: close to the minimizer, with a matrix close to the Hessian there. */
const closeStart: Assumption<true> = {
  statement: '(M/μ^(3/2))‖G^(1/2)(x₀ − x*)‖ ≤ 1/50 and ‖G^(−1/2)(B₀ − G)G^(−1/2)‖_F ≤ 1/7',
  find: (run) => {
    const b = run.replay()?.steps[0]?.b
    const [g, x, M] = [hessianAtMinimizer.find(run).value, minimizer.find(run).value, lipschitzHessian.find(run).value]
    const [mu, start] = [run.constants.mu?.value, run.points[0]?.x]
    if (
      b === undefined ||
      g === undefined ||
      x === undefined ||
      M === undefined ||
      mu === undefined ||
      start === undefined
    )
      return { status: 'unknown', detail: 'B₀, G, x*, M or μ is not known' }
    const spectrum = generalizedEigenvalues(b, g)
    if (spectrum === undefined) return { status: 'unknown', detail: 'G is not positive definite' }
    const distance = (M / mu ** 1.5) * energyNorm(g, sub(start, x))
    const off = Math.sqrt(spectrum.reduce((total, eigenvalue) => total + (eigenvalue - 1) ** 2, 0))
    return {
      status: distance <= 1 / 50 && off <= 1 / 7 ? 'measured' : 'failed',
      detail: `${shown(distance)} and ${shown(off)}`,
      value: true,
    }
  },
}

const jinMokhtari: Theorem = theorem({
  name: 'unit-step BFGS near the minimizer',
  kind: 'evidence',
  source: 'Jin and Mokhtari 2023; constants not confirmed',
  statement: '‖G^(1/2)(x_k − x*)‖ ≤ (1/√k)ᵏ ‖G^(1/2)(x₀ − x*)‖',
  assumptions: { g: hessianAtMinimizer, x: minimizer, closeStart, replay: bfgsSteps, unitSteps },
  bound: (run, { g, x }) => {
    const lengths = run.points.map((point) => energyNorm(g, sub(point.x, x)))
    return decrementsAtMost(run, lengths, (k) => k ** (-k / 2) * (lengths[0] as number))
  },
})

/** For each step, the matrix A with As = −g, less G, applied to s: −g − Gs. */
const offNewton = ({ steps }: RunView, g: Tensor): readonly Tensor[] =>
  steps.map(({ from, s }) => neg(add(from.grad, matvec(g, s))))

const dennisMore: Theorem = theorem({
  name: 'Dennis–Moré, finite form',
  source: 'Dennis and Moré 1974, (3.3); y = ∫∇²f s with a Lipschitz Hessian',
  statement: '|‖g₊‖ − ‖(A − G)s‖| ≤ M max(‖x − x*‖, ‖x₊ − x*‖)‖s‖ for every step s = −A⁻¹g',
  assumptions: { g: hessianAtMinimizer, M: lipschitzHessian, x: minimizer },
  bound: (run, { g, M, x }) => {
    const distances = distancesFrom(run, x)
    const off = offNewton(run, g)
    return run.steps.flatMap(({ k, from, to, s, settled }, i): readonly Comparison[] => {
      if (settled) return []
      const distance = Math.max(distances[i] as number, distances[i + 1] as number)
      const difference = Math.abs(norm(to.grad) - norm(off[i] as Tensor))
      return [atMost(k, difference, M * distance * norm(s), { scale: norm(from.grad) })]
    })
  },
})

const superlinear: Theorem = theorem({
  name: 'superlinear convergence',
  kind: 'evidence',
  source: 'Dennis and Moré 1974; no Q-order above 1 is claimed (Liu, Li and Wen 2026)',
  statement: 'median of ‖x₊ − x*‖/‖x − x*‖ over the last quarter < a quarter of its mean over the first',
  assumptions: { x: minimizer, replay: bfgsSteps },
  bound: (run, { x }) => falls(run, errorRatios(run, x)),
})

/** ‖(B − G)s‖/‖s‖ of each step before rounding. */
const hessianRatios = (run: RunView, replay: Replay, g: Tensor): readonly number[] =>
  run.steps.flatMap(({ s, settled }, i) =>
    settled ? [] : [norm(sub((replay.steps[i] as ReplayStep).bs, matvec(g, s))) / norm(s)],
  )

const dennisMoreRatio: Theorem = theorem({
  name: 'Dennis–Moré ratio',
  kind: 'evidence',
  source: 'Dennis and Moré 1974, theorem 2.2; Byrd and Nocedal 1989, theorem 3.2',
  statement: '‖(B − G)s‖/‖s‖ → 0: its median over the last quarter < a quarter of its mean over the first',
  assumptions: { g: hessianAtMinimizer, replay: bfgsMatrices },
  bound: (run, { g, replay }) => falls(run, hessianRatios(run, replay, g)),
})

export const superlinearTheorems: Readonly<
  Record<
    | 'unitStepLinear'
    | 'unitStepSuperlinear'
    | 'unitStepSharper'
    | 'jinMokhtari'
    | 'dennisMore'
    | 'dennisMoreRatio'
    | 'superlinear',
    Theorem
  >
> = {
  unitStepLinear,
  unitStepSuperlinear,
  unitStepSharper,
  jinMokhtari,
  dennisMore,
  dennisMoreRatio,
  superlinear,
}
