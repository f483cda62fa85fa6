/** Learned quasi-Newton methods on the noisy bowl, as runs show them; section 5 of the LODO note. */
import { map, norm, sub, type Tensor, zip } from '@secant/linalg'
import { equals } from './comparison.ts'
import { alongRun, shown, unknown } from './finding.ts'
import { eigenvaluesOf, solveSpd } from './matrices.ts'
import { fixedGradientSteps, stepRounding } from './method-assumptions.ts'
import { gradientDescentLoss, heavyBallLoss, learnedDeviation, newtonLoss } from './noisy-bowl.ts'
import type { RunView } from './run-view.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'

interface Bowl {
  readonly eigenvalues: readonly number[]
  readonly variance: number
}

const noisyBowl: Assumption<Bowl> = {
  statement: 'f is the noisy bowl with Hessian H and drift σ²',
  find: ({ known: { hessian, drift } }): Finding<Bowl> => {
    const eigenvalues = hessian && eigenvaluesOf(hessian)
    return eigenvalues === undefined || drift === undefined
      ? unknown('H or σ² is not given')
      : { status: 'given', detail: `σ² = ${shown(drift)}`, value: { eigenvalues, variance: drift } }
  },
}

const newtonSteps: Assumption<true> = {
  statement: 'every step is −H⁻¹g',
  find: (run) => {
    const { hessian } = run.known
    if (hessian === undefined) return unknown('H is not given')
    return alongRun(run, true, 'seen', (step) => {
      const along = solveSpd(hessian, step.from.grad)
      if (along === undefined) return 'H is not positive definite'
      const off = norm(zip(step.s, along, (s, hg) => s + hg))
      return off <= 1e-8 * norm(along) + stepRounding(step) ? undefined : `s is ${shown(off)} away from −H⁻¹g`
    })
  },
}

const heavyBallSteps: Assumption<{ readonly rate: number; readonly momentum: number }> = {
  statement: 'every step is μ times the last one − αg',
  find: (run) => {
    const given = run.known.heavyBall
    if (given === undefined) return unknown('α and μ are not given')
    const { rate, momentum } = given
    return alongRun(run, given, `α = ${rate}, μ = ${momentum}`, (step, i) => {
      const last = run.steps[i - 1]?.s ?? map(step.s, () => 0)
      const off = norm(
        sub(
          step.s,
          zip(last, step.from.grad, (v, g) => momentum * v - rate * g),
        ),
      )
      return off <= 1e-8 * norm(step.s) + stepRounding(step) ? undefined : `s is ${shown(off)} away from that`
    })
  },
}

const batches = 20

/** The mean value of the second half of a run against its expectation, within six standard errors of batch means. */
const meanLoss = ({ points, first }: RunView, expected: number) => {
  const half = points.slice(Math.floor(points.length / 2)).map(({ value }) => value)
  const size = Math.floor(half.length / batches)
  if (size < 10) return []
  const means = Array.from(
    { length: batches },
    (_, i) => half.slice(i * size, (i + 1) * size).reduce((total, value) => total + value, 0) / size,
  )
  const mean = means.reduce((total, value) => total + value, 0) / batches
  const variance = means.reduce((total, value) => total + (value - mean) ** 2, 0) / (batches - 1)
  return [equals(first + points.length - 1, mean, expected, { rounding: 6 * Math.sqrt(variance / batches) })]
}

const source = 'LODO note, sections 5 and 6.1; a run is one sample of what is expected'

const bowlNewton: Theorem = theorem({
  name: 'noisy bowl, Newton',
  kind: 'evidence',
  source,
  statement: 'E f = ½σ² tr H in the long run',
  assumptions: { bowl: noisyBowl, newtonSteps },
  bound: (run, { bowl }) => meanLoss(run, newtonLoss(bowl.eigenvalues, bowl.variance)),
})

const bowlGradientDescent: Theorem = theorem({
  name: 'noisy bowl, gradient descent',
  kind: 'evidence',
  source,
  statement: 'E f = ½σ² Σ 1/(α(2 − αλ)) in the long run',
  assumptions: { bowl: noisyBowl, alpha: fixedGradientSteps },
  bound: (run, { bowl, alpha }) => meanLoss(run, gradientDescentLoss(bowl.eigenvalues, bowl.variance, alpha)),
})

const bowlHeavyBall: Theorem = theorem({
  name: 'noisy bowl, heavy ball',
  kind: 'evidence',
  source,
  statement: 'E f = ½ Σ λ E b², E b² from the 2 × 2 Lyapunov equation of each λ, in the long run',
  assumptions: { bowl: noisyBowl, steps: heavyBallSteps },
  bound: (run, { bowl, steps: { rate, momentum } }) =>
    meanLoss(run, heavyBallLoss(bowl.eigenvalues, bowl.variance, rate, momentum)),
})

/** What averages over replicas and the step of a discrete time leave of the law. */
const lawTolerance = 0.02

const diagonalOfHessian = (hessian: Tensor): readonly number[] => {
  const n = hessian.shape[0] as number
  return Array.from({ length: n }, (_, i) => hessian.data[i * n + i] as number)
}

const learningLaw: Theorem = theorem({
  name: 'noisy bowl, rate of learning',
  kind: 'evidence',
  source: 'LODO note, section 5.1; the mean over replicas of a dense G, learned by plain hypergradient descent',
  statement: 'x = diag(I − GH) follows da/dt = −ησ²λ³a/(1 − a²) (within 0.02)',
  assumptions: {
    bowl: noisyBowl,
    learning: {
      statement: 'the trace is of diag(I − GH), H diagonal, learned with rate η',
      find: ({ known: { learningRate, hessian } }) =>
        learningRate === undefined || hessian === undefined
          ? unknown('η is not given')
          : {
              status: 'given',
              detail: `η = ${learningRate}`,
              value: { eta: learningRate, eigenvalues: diagonalOfHessian(hessian) },
            },
    } satisfies Assumption<{ readonly eta: number; readonly eigenvalues: readonly number[] }>,
  },
  bound: ({ points, first }, { bowl: { variance }, learning: { eta, eigenvalues } }) =>
    points.map(({ x }, t) => {
      const off = eigenvalues.map((eigenvalue, i) => {
        const start = points[0]?.x.data[i] ?? Number.NaN
        return Math.abs((x.data[i] as number) - learnedDeviation(start, { eta, variance, eigenvalue }, t))
      })
      return equals(first + t, Math.max(...off), 0, { scale: 1, rounding: lawTolerance })
    }),
})

export const noisyBowlTheorems: Readonly<
  Record<'bowlNewton' | 'bowlGradientDescent' | 'bowlHeavyBall' | 'learningLaw', Theorem>
> = {
  bowlNewton,
  bowlGradientDescent,
  bowlHeavyBall,
  learningLaw,
}
