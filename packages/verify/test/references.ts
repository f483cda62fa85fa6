import { tensor } from '@secant/linalg'
import {
  backtracking,
  bfgs,
  descend,
  exactQuadratic,
  fixed,
  hagerZhang,
  lbfgs,
  type Method,
  steepest,
  strongWolfe,
} from '@secant/optim'
import type { Known } from '@secant/verify'
import { logCosh } from './problems.ts'

import {
  adamRun,
  bentRun,
  closeRun,
  coordinatewiseRun,
  gradientRun,
  guardedRun,
  hypergradientRun,
  L,
  learningRun,
  mildHessian,
  mu,
  noisyRun,
  ofQuadratic,
  quadratic,
  type Reference,
  run,
  scaleOf,
  scheduledRun,
  slowest,
  start,
  stepSizes,
} from './reference-runs.ts'

const promise = (reference: Reference, known: Known): Reference => ({
  ...reference,
  known: { ...reference.known, ...known },
})

/** Reference runs by name, the extremal ones first: they show equality where there is one. */
export const references: ReadonlyMap<string, () => Reference> = new Map([
  ['exact steepest descent from its slowest start', slowest],
  ['gradient descent with α = 2/(μ + L)', () => gradientRun(2 / (mu + L))],
  ['gradient descent with α = 1/L', () => gradientRun(1 / L)],
  [
    'gradient descent with backtracking',
    () =>
      promise(run(quadratic, descend(steepest(), backtracking({ c1: 0.1, shrink: 0.5 })), start, ofQuadratic), {
        c1: 0.1,
        shrink: 0.5,
        initialStep: 1,
        promises: ['Armijo'],
      }),
  ],
  [
    'BFGS with exact search on a quadratic',
    () =>
      promise(run(quadratic, descend(bfgs(scaleOf(1 / L)), exactQuadratic()), start, ofQuadratic), {
        promises: ['Goldstein', 'secant equation'],
        c1: 0.25,
      }),
  ],
  [
    'unit-step BFGS on a quadratic, B₀ = LI',
    () => run(quadratic, descend(bfgs(scaleOf(1 / L)), fixed(1)), start, ofQuadratic),
  ],
  [
    'BFGS with a strong Wolfe search on a quadratic',
    () =>
      promise(run(quadratic, descend(bfgs(scaleOf(1 / L)), strongWolfe({ c1: 0.1, c2: 0.7 })), start, ofQuadratic), {
        c1: 0.1,
        c2: 0.7,
        promises: ['strong Wolfe', 'secant equation'],
      }),
  ],
  [
    'gradient descent by Hager and Zhang’s search on Σ ln cosh',
    () =>
      run(logCosh(0.1), descend(steepest(), hagerZhang()), start, {
        L: 1.1,
        mu: 0.1,
        minimum: 0,
        minimizer: [0, 0, 0, 0, 0],
        promises: ['approximate Wolfe'],
        c1: 0.1,
        c2: 0.9,
      }),
  ],
  [
    'BFGS with a strong Wolfe search on a bent bowl',
    () => bentRun(descend(bfgs(), strongWolfe()) as Method<unknown>, tensor([1, -1, 1, 1])),
  ],
  ['unit-step BFGS close to the minimizer of a bent bowl, B₀ = G', closeRun],
  [
    'L-BFGS with a strong Wolfe search on a quadratic',
    () => run(quadratic, descend(lbfgs({ memory: 3 }), strongWolfe()), start, ofQuadratic),
  ],
  [
    'L-BFGS with exact search on a quadratic',
    () => run(quadratic, descend(lbfgs({ memory: 2 }), exactQuadratic()), start, ofQuadratic),
  ],
  ['coordinate-wise steps on BFGS', () => coordinatewiseRun(stepSizes, mildHessian, 1 / 1.5)],
  ['BFGS with coordinate-wise steps that tend to 1', () => scheduledRun(0.6)],
  ['wild coordinate-wise steps, guarded by a gradient step', () => guardedRun(1 / (4 * L), 'fixed')],
  ['wild coordinate-wise steps, guarded by backtracking', () => guardedRun(1 / (4 * L), 'backtracking')],
  ['hypergradient descent', () => hypergradientRun(0.05)],
  ['Adam on a quadratic', adamRun],
  ['Newton on the noisy bowl', () => noisyRun('Newton')],
  ['gradient descent on the noisy bowl', () => noisyRun('gradient descent')],
  ['heavy ball on the noisy bowl', () => noisyRun('heavy ball')],
  ['a dense inverse Hessian learned on the noisy bowl', () => learningRun()],
])
