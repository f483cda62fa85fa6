/** BFGS: algebra of its update, finite termination, global rates; sections 4 to 6 of the convergence theory note. */
import { dot, matvec, norm, sub, type Tensor } from '@secant/linalg'
import { minimum, quadratic, smooth, stronglyConvex } from './assumptions.ts'
import { atLeast, atMost, type Comparison, equals } from './comparison.ts'
import { conjugateGradientIterates } from './conjugate-gradient-iterates.ts'
import { generalizedEigenvalues, inverseSpd, logDet, traceOfMatrix } from './matrices.ts'
import { bfgsMatrices, bfgsSteps, exactSearch, wolfeSteps } from './method-assumptions.ts'
import { firstGap, gapsAtMost } from './rate.ts'
import { mostForEigenvalues, type Replay, type ReplayStep } from './replay.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import { type Assumption, type Theorem, theorem } from './theorem.ts'

const byrdNocedal = 'Byrd and Nocedal 1989'

/** A step whose pair changes the matrices, with the matrices before and after it. */
interface Update {
  readonly step: StepView
  readonly before: ReplayStep
  readonly after: { readonly h: Tensor; readonly b: Tensor }
}

const updatesOf = ({ steps, n }: RunView, replay: Replay): readonly Update[] =>
  n > mostForEigenvalues
    ? []
    : steps.flatMap((step, i) => {
        const before = replay.steps[i] as ReplayStep
        return before.updates && !step.settled ? [{ step, before, after: replay.steps[i + 1] ?? replay.last }] : []
      })

/** ψ(B) = tr B − ln det B. */
const potential = (b: Tensor): number => traceOfMatrix(b) - (logDet(b) ?? Number.NaN)

const inverseUpdates: Theorem = theorem({
  name: 'BFGS secant equation',
  source: 'Nocedal and Wright 2006, (6.17) and (6.19)',
  statement: 'H₊y = s, B₊s = y, H₊B₊ = I on s',
  assumptions: { replay: bfgsMatrices },
  bound: (run, { replay }) =>
    updatesOf(run, replay).flatMap(({ step: { k, s, y }, after: { h, b } }) => [
      equals(k, norm(sub(matvec(h, y), s)), 0, { scale: norm(s) }),
      equals(k, norm(sub(matvec(b, s), y)), 0, { scale: norm(y) }),
      equals(k, norm(sub(matvec(h, matvec(b, s)), s)), 0, { scale: norm(s) }),
    ]),
})

const traceAndDeterminant: Theorem = theorem({
  name: 'trace and determinant of the BFGS update',
  source: 'Nocedal and Wright 2006, (6.44) and (6.45)',
  statement: "tr B₊ = tr B − ‖Bs‖²/s'Bs + ‖y‖²/s'y and det B₊ = det B · s'y/s'Bs",
  assumptions: { replay: bfgsMatrices },
  bound: (run, { replay }) =>
    updatesOf(run, replay).flatMap(({ step: { k, sy, yy }, before: { b, bs, sBs }, after }) => [
      equals(k, traceOfMatrix(after.b), traceOfMatrix(b) - dot(bs, bs) / sBs + yy / sy),
      equals(k, logDet(after.b) ?? Number.NaN, (logDet(b) ?? Number.NaN) + Math.log(sy / sBs), { scale: run.n }),
    ]),
})

const byrdNocedalPotential: Theorem = theorem({
  name: 'Byrd–Nocedal potential',
  source: `${byrdNocedal}, (2.9)`,
  statement: 'ln(cos²θ/m) ≥ ψ(B₊) − ψ(B) + 1 − M, ψ(B) = tr B − ln det B, θ the angle of s and Bs',
  assumptions: { replay: bfgsMatrices },
  bound: (run, { replay }) =>
    updatesOf(run, replay).map(({ step: { k, sy, ss, yy }, before: { b, bs, sBs }, after }) => {
      const cos2 = sBs ** 2 / (ss * dot(bs, bs))
      const [from, to] = [potential(b), potential(after.b)]
      return atLeast(k, Math.log(cos2 / (sy / ss)), to - from + 1 - yy / sy, {
        scale: Math.max(1, Math.abs(from), Math.abs(to)),
      })
    }),
})

const interlacing: Theorem = theorem({
  name: 'interlacing on quadratics',
  source: 'Fletcher 1970, in the form of Rodomanov and Nesterov 2021',
  statement: 'ξA ⪯ B ⪯ ζA implies min(ξ, 1)A ⪯ B₊ ⪯ max(ζ, 1)A',
  assumptions: { a: quadratic, replay: bfgsMatrices },
  bound: (run, { a, replay }) =>
    updatesOf(run, replay).flatMap(({ step: { k }, before, after }): readonly Comparison[] => {
      const [from, to] = [generalizedEigenvalues(before.b, a), generalizedEigenvalues(after.b, a)]
      if (from === undefined || to === undefined) return [atLeast(k, Number.NaN, 0)]
      return [
        atLeast(k, to[0] as number, Math.min(from[0] as number, 1)),
        atMost(k, to[run.n - 1] as number, Math.max(from[run.n - 1] as number, 1)),
      ]
    }),
})

/** Ψ(B₀/L) = tr − n − ln det of the first Hessian approximation divided by L. */
const firstPotential = (replay: Replay, n: number, L: number): number => {
  const b = replay.steps[0]?.b ?? replay.last.b
  return traceOfMatrix(b) / L - n - ((logDet(b) ?? Number.NaN) - n * Math.log(L))
}

const explicitRate = (
  run: RunView,
  replay: Replay,
  { L, minimum, perStep }: { readonly L: number; readonly minimum: number; readonly perStep: number },
): readonly Comparison[] => {
  const first = firstPotential(replay, run.n, L)
  return gapsAtMost(run, minimum, (k) => (1 - perStep * Math.exp(-first / k)) ** k * firstGap(run, minimum))
}

const wolfeRate: Theorem = theorem({
  name: 'BFGS with Wolfe steps, explicit rate',
  source: 'convergence theory note, section 6; Jin, Jiang and Mokhtari 2024',
  statement: 'f_k − f* ≤ (1 − (2c₁(1 − c₂)/κ) exp(−Ψ(B₀/L)/k))ᵏ (f₀ − f*), Ψ(A) = tr A − n − ln det A',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, replay: bfgsSteps, wolfe: wolfeSteps },
  bound: (run, { L, mu, minimum, replay, wolfe: { c1, c2 } }) =>
    explicitRate(run, replay, { L, minimum, perStep: (2 * c1 * (1 - c2) * mu) / L }),
})

const exactRate: Theorem = theorem({
  name: 'BFGS with exact search, explicit rate',
  source: 'convergence theory note, section 6; Jin, Jiang and Mokhtari 2024',
  statement: 'f_k − f* ≤ (1 − 2/(κ(1 + √κ)) exp(−Ψ(B₀/L)/k))ᵏ (f₀ − f*), Ψ(A) = tr A − n − ln det A',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, replay: bfgsSteps, exactSearch },
  bound: (run, { L, mu, minimum, replay }) => {
    const kappa = L / mu
    return explicitRate(run, replay, { L, minimum, perStep: 2 / (kappa * (1 + Math.sqrt(kappa))) })
  },
})

/** The run goes on until n steps are made, or the gradient has vanished before. */
const longEnough: Assumption<true> = {
  statement: 'the run makes n steps, or ends earlier at a vanishing gradient',
  find: ({ steps, points, n }) => {
    const [first, last] = [points[0], points[points.length - 1]]
    if (first === undefined || last === undefined) return { status: 'unknown', detail: 'the run is empty' }
    const isEnded = norm(last.grad) <= terminationTolerance * norm(first.grad)
    return steps.length >= n || isEnded
      ? { status: 'measured', detail: `${steps.length} steps, n = ${n}`, value: true }
      : { status: 'failed', detail: `${steps.length} steps, n = ${n}`, value: true }
  },
}

const terminationTolerance = 1e-6

const termination: Theorem = theorem({
  name: 'n-step termination',
  source: 'Broyden 1970; Nocedal and Wright 2006, theorem 6.4',
  statement: "exact search on a quadratic: s_i'y_j = 0 for i ≠ j, g = 0 after n steps (within 1e-6)",
  assumptions: { a: quadratic, replay: bfgsSteps, exactSearch, longEnough },
  bound: ({ steps, points, n, first }) => {
    const start = norm((points[0] as StepView['from']).grad)
    const end = Math.min(n, points.length - 1)
    const conjugacy = steps.slice(0, end).flatMap(({ k, s, sy, settled }, i): readonly Comparison[] => {
      if (settled) return []
      const worst = steps
        .slice(0, i)
        .reduce((most, other) => Math.max(most, Math.abs(dot(s, other.y)) / Math.sqrt(sy * other.sy)), 0)
      return [atMost(k, worst, 0, { scale: 1, rounding: terminationTolerance })]
    })
    return [
      ...conjugacy,
      atMost(first + end, norm((points[end] as StepView['from']).grad), 0, {
        scale: start,
        rounding: terminationTolerance * start,
      }),
    ]
  },
})

const finalMatrix: Theorem = theorem({
  name: 'the matrix after n steps',
  source: 'Nocedal and Wright 2006, theorem 6.4',
  statement: 'exact search on a quadratic: H_n = A⁻¹ after n full steps (within 1e-6)',
  assumptions: { a: quadratic, replay: bfgsSteps, exactSearch },
  bound: ({ steps, n, first }, { a, replay }): readonly Comparison[] => {
    // The nth step must still have moved; its pair is the last that H needs.
    if (steps.length < n || n > mostForEigenvalues || steps.slice(0, n).some(({ settled }) => settled)) return []
    const { h } = replay.steps[n] ?? replay.last
    const inverse = inverseSpd(a)
    const spectrum = inverse && generalizedEigenvalues(h, inverse)
    if (spectrum === undefined) return []
    const worst = Math.max(...spectrum.map((value) => Math.abs(value - 1)))
    return [atMost(first + n, worst, 0, { scale: 1, rounding: terminationTolerance })]
  },
})

const conjugateGradientEquality: Theorem = theorem({
  name: 'BFGS is conjugate gradients on quadratics',
  source: 'Nazareth 1979; Nocedal and Wright 2006, section 6.4',
  statement: 'exact search and H₀ = γI: x_k are the iterates of conjugate gradients (within 1e-6)',
  assumptions: {
    a: quadratic,
    replay: bfgsSteps,
    exactSearch,
    multiple: {
      statement: 'H₀ is a multiple of the identity',
      find: (run) => {
        const spectrum = run.replay()?.steps[0]?.spectrum()
        const [least, greatest] = [spectrum?.[0], spectrum?.[spectrum.length - 1]]
        if (least === undefined || greatest === undefined) return { status: 'unknown', detail: 'H₀ is not known' }
        return greatest <= least * (1 + 1e-12)
          ? { status: 'measured', detail: 'its eigenvalues are equal', value: true }
          : { status: 'failed', detail: 'its eigenvalues differ', value: true }
      },
    } satisfies Assumption<true>,
  },
  bound: ({ steps, first }, { a }) => {
    const [start] = steps
    if (start === undefined) return []
    const iterates = conjugateGradientIterates(a, start.from, Math.min(steps.length, a.shape[0] as number))
    return iterates.flatMap((x, i): readonly Comparison[] => {
      const step = steps[i]
      if (step === undefined || step.settled) return []
      const scale = Math.max(norm(sub(x, start.from.x)), norm(step.s))
      return [equals(first + i + 1, norm(sub(step.to.x, x)), 0, { scale })]
    })
  },
})

export const bfgsTheorems: Readonly<
  Record<
    | 'inverseUpdates'
    | 'traceAndDeterminant'
    | 'byrdNocedalPotential'
    | 'interlacing'
    | 'wolfeRate'
    | 'exactRate'
    | 'termination'
    | 'finalMatrix'
    | 'conjugateGradientEquality',
    Theorem
  >
> = {
  inverseUpdates,
  traceAndDeterminant,
  byrdNocedalPotential,
  interlacing,
  wolfeRate,
  exactRate,
  termination,
  finalMatrix,
  conjugateGradientEquality,
}
