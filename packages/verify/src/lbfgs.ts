/** L-BFGS; section 8 of the convergence theory note. */
import { concrete } from '@secant/autodiff'
import { dot, eye, map, matvec, norm, sub, type Tensor, zip } from '@secant/linalg'
import { bfgsUpdate } from '@secant/optim'
import { minimum, quadratic, smooth, stronglyConvex } from './assumptions.ts'
import { atLeast, atMost, type Comparison, equals } from './comparison.ts'
import { conjugateGradientIterates } from './conjugate-gradient-iterates.ts'
import { exactSearch, wolfeSteps } from './method-assumptions.ts'
import { firstGap, gapsAtMost, products } from './rate.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import { type Assumption, type Theorem, theorem } from './theorem.ts'

const liuNocedal = 'Liu and Nocedal 1989'

/** What L-BFGS keeps before a step: at most m pairs, oldest first, and the scale γ of the newest good one. */
interface Kept {
  readonly pairs: readonly StepView[]
  readonly gamma: number
}

interface Limited {
  readonly memory: number
  readonly kept: readonly Kept[]
}

const carriesCurvature = ({ sy, ss, yy }: StepView): boolean => sy > 1e-10 * Math.sqrt(ss) * Math.sqrt(yy)

const memoryOf = ({ known, header }: RunView): number | undefined => {
  const named = /^L-BFGS\((\d+)\)$/.exec(header.method)?.[1] ?? header.options['memory']
  return known.memory ?? (named === undefined ? undefined : Number(named))
}

/** The first scale: given, or as the first direction tells. */
const firstScale = ({ known, steps }: RunView): number | undefined => {
  if (typeof known.initialInverse === 'number') return known.initialInverse
  const [first] = steps
  return first?.direction && -dot(first.direction, first.from.grad) / first.gg
}

/** The method is L-BFGS; yields what it keeps before each step. */
const lbfgsMethod: Assumption<Limited> = {
  statement: 'the method is L-BFGS with m pairs',
  find: (run) => {
    const [memory, scale] = [memoryOf(run), firstScale(run)]
    if (memory === undefined) return { status: 'unknown', detail: 'm is not known' }
    if (scale === undefined) return { status: 'unknown', detail: 'the first scale is not known' }
    let gamma = scale
    const kept = run.steps.map((step, i) => {
      const now = { pairs: run.steps.slice(Math.max(0, i - memory), i).filter(carriesCurvature), gamma }
      if (carriesCurvature(step)) gamma = step.sy / step.yy
      return now
    })
    return { status: 'given', detail: `m = ${memory}`, value: { memory, kept } }
  },
}

/** Sides up to which a dense matrix is built at every step. */
const mostForDense = 100

const denseInverse = ({ pairs, gamma }: Kept, n: number): Tensor =>
  pairs.reduce(
    (h, { s, y }) => concrete(bfgsUpdate(h, s, y)),
    map(eye(n), (entry) => gamma * entry),
  )

const twoLoop: Theorem = theorem({
  name: 'L-BFGS is BFGS from γI through its pairs',
  source: `${liuNocedal}; Nocedal and Wright 2006, algorithm 7.4`,
  statement: 'd = −Hg with H the dense matrix of the pairs kept (within 1e-6)',
  assumptions: { limited: lbfgsMethod },
  bound: ({ n, steps }, { limited: { kept } }) =>
    n > mostForDense
      ? []
      : steps.flatMap(({ k, from, direction, settled }, i): readonly Comparison[] => {
          if (direction === undefined || settled) return []
          const along = matvec(denseInverse(kept[i] as Kept, n), from.grad)
          const off = norm(zip(direction, along, (d, hg) => d + hg))
          return [equals(k, off, 0, { scale: norm(along) })]
        }),
})

const scaleBounds: Theorem = theorem({
  name: 'scale of L-BFGS',
  source: 'Nocedal and Wright 2006, (7.20); convergence theory note, section 8',
  statement: "1/L ≤ s'y/y'y ≤ 1/μ",
  assumptions: { L: smooth, mu: stronglyConvex },
  bound: ({ steps }, { L, mu }) =>
    steps
      .filter(({ settled, ss }) => !settled && ss > 0)
      .flatMap(({ k, sy, yy }) => [atLeast(k, sy / yy, 1 / L), atMost(k, sy / yy, 1 / mu)]),
})

/** ln of the least cosine that trace and determinant allow: λ_min/λ_max with λ_max ≤ T, λ_min ≥ det/Tⁿ⁻¹. */
const leastLogCosine = ({ pairs, gamma }: Kept, n: number, L: number, mu: number): number => {
  const logT = Math.log(n / gamma + pairs.length * L)
  const logDet = -n * Math.log(gamma) + pairs.length * (Math.log(mu) - logT)
  return logDet - n * logT
}

const leastAngle: Theorem = theorem({
  name: 'angle of an L-BFGS direction',
  source: `${liuNocedal}, theorem 6.1`,
  statement: 'cosθ ≥ det B/Tⁿ, T = n/γ + mL, det B ≥ γ⁻ⁿ(μ/T)ᵐ',
  assumptions: { L: smooth, mu: stronglyConvex, limited: lbfgsMethod },
  bound: ({ n, steps }, { L, mu, limited: { kept } }) =>
    steps.flatMap(({ k, cos2, settled, ss }, i) =>
      settled || !(ss > 0) ? [] : [atLeast(k, Math.sqrt(cos2), Math.exp(leastLogCosine(kept[i] as Kept, n, L, mu)))],
    ),
})

const rLinear: Theorem = theorem({
  name: 'L-BFGS, R-linear rate',
  source: `${liuNocedal}, theorem 6.1, with the constants of the angle`,
  statement: 'f_k − f* ≤ Π (1 − 2c₁(1 − c₂)δ_i²/κ) (f₀ − f*), cosθ_i ≥ δ_i',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, wolfe: wolfeSteps, limited: lbfgsMethod },
  bound: (run, { L, mu, minimum, wolfe: { c1, c2 }, limited: { kept } }) => {
    const factors = products(
      kept.map((now) => 1 - ((2 * c1 * (1 - c2) * mu) / L) * Math.exp(2 * leastLogCosine(now, run.n, L, mu))),
    )
    return gapsAtMost(run, minimum, (k) => (factors[k] as number) * firstGap(run, minimum))
  },
})

const limitedConjugateGradients: Theorem = theorem({
  name: 'L-BFGS is conjugate gradients on quadratics',
  source: 'Nazareth 1979; convergence theory note, section 5',
  statement: 'exact search, any m ≥ 1 and any γ: x_k are the iterates of conjugate gradients (within 1e-6)',
  assumptions: { a: quadratic, limited: lbfgsMethod, exactSearch },
  bound: ({ steps, first }, { a }) => {
    const [start] = steps
    if (start === undefined) return []
    const count = Math.min(steps.length, a.shape[0] as number)
    return conjugateGradientIterates(a, start.from, count).flatMap((x, i): readonly Comparison[] => {
      const step = steps[i]
      if (step === undefined || step.settled) return []
      const scale = Math.max(norm(sub(x, start.from.x)), norm(step.s))
      return [equals(first + i + 1, norm(sub(step.to.x, x)), 0, { scale })]
    })
  },
})

export const lbfgsTheorems: Readonly<
  Record<'twoLoop' | 'scaleBounds' | 'leastAngle' | 'rLinear' | 'limitedConjugateGradients', Theorem>
> = {
  twoLoop,
  scaleBounds,
  leastAngle,
  rLinear,
  limitedConjugateGradients,
}
