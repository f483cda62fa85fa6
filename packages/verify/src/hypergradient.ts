/**
 * Hypergradient descent on coordinate-wise step sizes; section 10 of the convergence theory note. A step that would not
 * decrease f is refused, so that the next iterate is the same point; its p is recorded all the same.
 */
import { dot, map, mul, norm, sub, type Tensor, zip } from '@secant/linalg'
import type { Point } from '@secant/optim'
import { convex, minimum, smooth, stronglyConvex } from './assumptions.ts'
import { atMost } from './comparison.ts'
import { failed, found, shown, unknown } from './finding.ts'
import { stepRounding } from './method-assumptions.ts'
import { firstGap, gapsAtMost, sums } from './rate.ts'
import type { RunView } from './run-view.ts'
import type { StepView } from './step-view.ts'
import { type Assumption, type Finding, type Theorem, theorem } from './theorem.ts'

const source = 'Gao, Chu, Ye and Udell 2025, with the finite constants of the convergence theory note, section 10'

/** The feedback h(p) = (f(x − p ⊙ g) − f(x))/‖g‖² and its gradient in p. */
interface Feedback {
  readonly p: Tensor
  readonly h: number
  readonly gradient: Tensor
}

/** The point that a step proposed: where it led, or what the objective says where it was refused. */
const proposedBy = ({ from, to, ss }: StepView, p: Tensor, { known }: RunView): Point | undefined =>
  ss > 0 ? to : known.objective?.point(sub(from.x, mul(p, from.grad)))

const isFromGradient = (step: StepView, p: Tensor): boolean =>
  !(step.ss > 0) ||
  norm(zip(step.s, mul(p, step.from.grad), (s, pg) => s + pg)) <= 1e-9 * norm(step.s) + stepRounding(step)

/** Steps are −p ⊙ g where that decreases f, and none where it does not; yields the feedback of each. */
export const nullSteps: Assumption<readonly Feedback[]> = {
  statement: 'steps are −p ⊙ g if that decreases f, and 0 otherwise',
  find: (run): Finding<readonly Feedback[]> => {
    const feedbacks: Feedback[] = []
    let broken: string | undefined
    for (const step of run.steps) {
      const { k, p, from, gg } = step
      if (p === undefined) return unknown(`step ${k} has no p`)
      if (!isFromGradient(step, p)) return failed(`step ${k} is not −p ⊙ g`)
      const proposed = proposedBy(step, p, run)
      if (proposed === undefined) return unknown(`the objective, to tell what the refused step ${k} would have done`)
      const gradient = zip(proposed.grad, from.grad, (next, g) => (-next * g) / gg)
      feedbacks.push({ p, h: (proposed.value - from.value) / gg, gradient })
      if (step.to.value > from.value + run.valueRounding) broken ??= `step ${k} increases f`
      if (!(step.ss > 0) && proposed.value < from.value - run.valueRounding)
        broken ??= `step ${k} is refused, although it would decrease f`
    }
    if (broken !== undefined) return failed(broken, feedbacks)
    return feedbacks.length === 0 ? unknown('the run has no steps') : found('measured', feedbacks, 'seen at every step')
  },
}

/** Step sizes follow projected online gradient descent; yields η. */
const onlineGradient: Assumption<number> = {
  statement: 'p₊ = p − η∇h(p), cut to an interval that contains 1/L',
  find: (run) => {
    const given = run.known.hypergradient
    if (given === undefined) return unknown('η and the interval are not given')
    const feedbacks = nullSteps.find(run).value
    const L = run.constants.L?.value
    if (feedbacks === undefined || L === undefined) return unknown('p or L is not known')
    const { eta, least, most } = given
    if (!(least * L <= 1 && most * L >= 1)) return failed(`1/L = ${shown(1 / L)} is outside [${least}, ${most}]`, eta)
    for (const [i, { p, gradient }] of feedbacks.slice(0, -1).entries()) {
      const next = (feedbacks[i + 1] as Feedback).p
      const expected = zip(p, gradient, (size, slope) => Math.min(most, Math.max(least, size - eta * slope)))
      if (norm(sub(next, expected)) > 1e-9 * norm(expected)) return failed(`p after step ${i} is not that`, eta)
    }
    return found('measured', eta, `η = ${eta}`)
  },
}

const regret: Theorem = theorem({
  name: 'regret of hypergradient descent',
  source,
  statement: 'Σ h_k(p_k) ≤ −K/(2L) + ‖p₁ − 1/L‖²/(2η) + (η/2) Σ ‖∇h_k(p_k)‖²',
  assumptions: { L: smooth, convex, feedbacks: nullSteps, eta: onlineGradient },
  bound: (run, { L, feedbacks, eta }) => {
    const [total, squares] = [
      sums(feedbacks.map(({ h }) => h)),
      sums(feedbacks.map(({ gradient }) => dot(gradient, gradient))),
    ]
    const start = (feedbacks[0] as Feedback).p
    const distance = norm(map(start, (size) => size - 1 / L)) ** 2
    return feedbacks.map((_, i) => {
      const K = i + 1
      const bound = -K / (2 * L) + distance / (2 * eta) + (eta / 2) * (squares[K] as number)
      return atMost(run.first + K, total[K] as number, bound, { rounding: 1e-9 * K * (1 / L) })
    })
  },
})

const hypergradientRate: Theorem = theorem({
  name: 'rate of steps with feedback',
  source,
  statement: 'f_K − f* ≤ (1 + (2μ/K) Σ min(h_k(p_k), 0))ᴷ (f₀ − f*)',
  assumptions: { mu: stronglyConvex, minimum, feedbacks: nullSteps },
  bound: (run, { mu, minimum, feedbacks }) => {
    const total = sums(feedbacks.map(({ h }) => Math.min(h, 0)))
    return gapsAtMost(run, minimum, (K) => {
      const factor = 1 + ((2 * mu) / K) * (total[K] as number)
      return Math.max(0, factor) ** K * firstGap(run, minimum)
    })
  },
})

export const hypergradientTheorems: Readonly<Record<'regret' | 'hypergradientRate', Theorem>> = {
  regret,
  hypergradientRate,
}
