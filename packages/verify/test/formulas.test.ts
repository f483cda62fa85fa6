/** Bounds that are loose on every run: computed once more by hand, from the numbers of the run. */
import { axpy, dot, sub, tensor } from '@secant/linalg'
import { bfgs, descend, exactQuadratic, strongWolfe } from '@secant/optim'
import { expect, test } from 'vitest'
import {
  bfgsTheorems,
  coordinatewiseRates,
  descentConstants,
  gradientDescentTheorems,
  guardTheorems,
  hypergradientTheorems,
  type Known,
  lbfgsTheorems,
  lineSearchTheorems,
  type RunView,
  superlinearTheorems,
  type Theorem,
  viewOf,
} from '../src/index.ts'
import { L, mu, ofQuadratic, quadratic, type Reference, run, scaleOf, start } from './reference-runs.ts'
import { references } from './references.ts'

const named = (name: string) => (): Reference => (references.get(name) as () => Reference)()

/** BFGS from B₀ = I, far from LI. */
const fromIdentity = (search: Parameters<typeof descend>[1]): Reference =>
  run(quadratic, descend(bfgs(scaleOf(1)), search), start, ofQuadratic, { maxIterations: 12, until: [] })

const gapAt = ({ points }: RunView, k: number): number => points[k]?.value ?? Number.NaN
const kappa = L / mu
const n = 5
/** Ψ(I/L). */
const potential = n / L - n + n * Math.log(L)

const squared = (x: Parameters<typeof dot>[0]): number => dot(x, x)

test.each<readonly [string, Theorem, () => Reference, Known, number, (run: RunView) => number]>([
  [
    'BFGS, Wolfe',
    bfgsTheorems.wolfeRate,
    () => fromIdentity(strongWolfe({ c1: 0.1, c2: 0.7 })),
    { c1: 0.1, c2: 0.7 },
    4,
    (run) => (1 - ((2 * 0.1 * 0.3) / kappa) * Math.exp(-potential / 4)) ** 4 * gapAt(run, 0),
  ],
  [
    'BFGS, exact',
    bfgsTheorems.exactRate,
    () => fromIdentity(exactQuadratic()),
    {},
    3,
    (run) => (1 - (2 / (kappa * (1 + Math.sqrt(kappa)))) * Math.exp(-potential / 3)) ** 3 * gapAt(run, 0),
  ],
  [
    'unit steps, superlinear',
    superlinearTheorems.unitStepSuperlinear,
    named('unit-step BFGS on a quadratic, B₀ = LI'),
    {},
    6,
    // σ₀ = Σ L/λ − n; on a quadratic λ₀² is twice the gap.
    (run) => {
      const sigma = [0, 1, 2, 3, 4].reduce((total, i) => total + L / (mu * kappa ** (i / 4)) - 1, 0)
      return (sigma / 6) ** 3 * Math.sqrt(2 * gapAt(run, 0))
    },
  ],
  [
    'unit steps, sharper',
    superlinearTheorems.unitStepSharper,
    named('unit-step BFGS on a quadratic, B₀ = LI'),
    {},
    6,
    (run) => (2 * (kappa ** (n / 6) - 1)) ** 3 * Math.sqrt(kappa) * Math.sqrt(2 * gapAt(run, 0)),
  ],
  [
    'gradient descent, smooth',
    gradientDescentTheorems.stationarity,
    named('gradient descent with α = 1/L'),
    {},
    9,
    (run) => gapAt(run, 0) / (10 * (1 / L) * (1 - 1 / 2)),
  ],
  [
    'gradient descent, convex',
    gradientDescentTheorems.convexClassical,
    named('gradient descent with α = 1/L'),
    {},
    7,
    (run) => (L * squared(sub(start, tensor([...(run.known.minimizer as number[])])))) / 14,
  ],
  [
    'Zoutendijk',
    lineSearchTheorems.zoutendijkSum,
    named('BFGS with a strong Wolfe search on a quadratic'),
    {},
    5,
    (run) => (L * gapAt(run, 0)) / (0.1 * 0.3),
  ],
  [
    'L-BFGS, angle of the third direction',
    lbfgsTheorems.leastAngle,
    named('L-BFGS with a strong Wolfe search on a quadratic'),
    {},
    2,
    ({ steps }) => {
      const gamma = (steps[1]?.sy ?? 0) / (steps[1]?.yy ?? 0)
      const T = n / gamma + 2 * L
      return (gamma ** -n * (mu / T) ** 2) / T ** n
    },
  ],
  [
    'theorem 3',
    coordinatewiseRates.scaledLinear,
    named('coordinate-wise steps on BFGS'),
    { sigma: 0.3 },
    4,
    (run) => {
      const spectra = (run.replay()?.steps ?? []).map(({ spectrum }) => spectrum() ?? [])
      const { m1 } = descentConstants({
        pMin: 0.8,
        pMax: 1,
        hMin: Math.min(...spectra.flat()),
        hMax: Math.max(...spectra.flat()),
      })
      return (1 - 2 * 0.3 * m1) ** 4 * gapAt(run, 0)
    },
  ],
  [
    'the guard, L known',
    guardTheorems.guardWithL,
    named('wild coordinate-wise steps, guarded by a gradient step'),
    {},
    5,
    (run) => (1 - (2 * mu) / (4 * L)) ** 5 * gapAt(run, 0),
  ],
  [
    'the guard, L unknown',
    guardTheorems.guardByBacktracking,
    named('wild coordinate-wise steps, guarded by backtracking'),
    {},
    5,
    (run) => (1 - 2 * mu * Math.min(1 / (4 * L), 0.1 * Math.min(1, (2 * 0.5 * 0.9) / L))) ** 5 * gapAt(run, 0),
  ],
  [
    'regret',
    hypergradientTheorems.regret,
    named('hypergradient descent'),
    {},
    1,
    // p₁ = 0.3 everywhere, η = 0.05.
    (run) => {
      const { from } = run.steps[0] as RunView['steps'][number]
      const proposed = quadratic.point(axpy(-0.3, from.grad, from.x))
      const norms = Array.from(proposed.grad.data, (g, i) => (g * (from.grad.data[i] as number)) / squared(from.grad))
      const squares = norms.reduce((total, entry) => total + entry ** 2, 0)
      return -1 / (2 * L) + (n * (0.3 - 1 / L) ** 2) / 0.1 + 0.025 * squares
    },
  ],
])('%s', (_, theorem, made, more, k, expected) => {
  const { trace, known } = made()
  const view = viewOf(trace, { ...known, ...more })
  const bound = theorem.bound(view).find(({ step }) => step === k)?.bound
  const wanted = expected(view)
  expect((bound ?? Number.NaN) / wanted).toBeCloseTo(1, 9)
})
