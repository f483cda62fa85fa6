/** Runs to the last digit: rounding violates nothing. */
import { key, normal, split } from '@secant/linalg'
import {
  backtracking,
  bfgs,
  descend,
  exactQuadratic,
  fixed,
  gradientNorm,
  hagerZhang,
  lbfgs,
  type Method,
  moreThuente,
  steepest,
  strongWolfe,
} from '@secant/optim'
import { expect, test } from 'vitest'
import { type Known, type Promised, traceOf, verify, withVerdict } from '../src/index.ts'
import { bowl, logCosh, rotated, spectrum } from './problems.ts'

const promising = (...promises: readonly Promised[]): Known => ({ promises, c1: 1e-4, c2: 0.9 })
const backtracked: Known = { ...promising('Armijo'), initialStep: 1, shrink: 0.5 }

const method = (made: unknown): Method<unknown> => made as Method<unknown>

test.each<readonly [string, Method<unknown>, Known]>([
  ['BFGS, strong Wolfe', method(descend(bfgs(), strongWolfe())), promising('strong Wolfe', 'secant equation')],
  ['BFGS, Moré and Thuente', method(descend(bfgs(), moreThuente())), promising('strong Wolfe', 'secant equation')],
  ['BFGS, exact', method(descend(bfgs(), exactQuadratic())), promising('strong Wolfe', 'secant equation')],
  ['BFGS, backtracking', method(descend(bfgs(), backtracking())), backtracked],
  ['L-BFGS, Hager and Zhang', method(descend(lbfgs({ memory: 3 }), hagerZhang())), promising('descent')],
  ['gradient descent, backtracking', method(descend(steepest(), backtracking())), backtracked],
  ['gradient descent, fixed', method(descend(steepest(), fixed(0.9))), {}],
])('%s', (_, method, more) => {
  for (const [i, seed] of split(key(8), 4).entries()) {
    const n = 2 + i
    const [centre, start] = split(seed, 2).map((one) => normal(one, [n]))
    if (centre === undefined || start === undefined) throw new Error('split: got too few keys')
    const hessian = rotated(spectrum(n, 10 ** -(i + 1), 1))
    const problems = [
      [bowl(hessian, centre), { hessian, minimum: 0, minimizer: centre.data }],
      [logCosh(0.01), { L: 1.01, mu: 0.01, minimum: 0, minimizer: new Float64Array(n) }],
    ] as const
    for (const [objective, known] of problems) {
      const trace = traceOf(objective, method, start, { until: [gradientNorm(1e-15)], maxIterations: 80 })
      const violated = withVerdict(verify(trace, { ...known, ...more }), 'violated')
      expect(violated.map(({ theorem, reasons }) => [theorem, reasons])).toEqual([])
    }
  }
})
