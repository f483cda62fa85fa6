// Optimizers of one's own: a direction (Barzilai and Borwein's) with a search, and an update (momentum) without one.
import { add, dot, mul, neg, type Operand, safeDiv, sub, type Value } from '@secant/autodiff'
import { zeros } from '@secant/linalg'
import {
  backtracking,
  type Direction,
  descend,
  fixed,
  following,
  hasCurvature,
  minimize,
  steepest,
  type Update,
  unitLength,
} from '@secant/optim'
import { rosenbrock } from '@secant/problems'

/** Downhill by the length that explains the last change of gradient best: −γ g with γ = s's / s'y. */
const barzilaiBorwein: Direction<Operand> = {
  name: 'Barzilai–Borwein',
  init: unitLength,
  propose: (gamma, at) => [neg(mul(gamma, at.grad)), gamma],
  observe: (gamma, { from, to }) => {
    const [s, y] = [sub(to.x, from.x), sub(to.grad, from.grad)]
    return safeDiv(dot(s, s), dot(s, y), hasCurvature(s, y, 1e-10), gamma)
  },
}

/** Gradient descent that keeps some of its speed (Polyak's heavy ball). */
const momentum = (rate: number, keep: number): Update<Value> => ({
  name: `momentum(${rate}, ${keep})`,
  init: (x) => zeros(x.shape, x.dtype),
  apply: (speed, gradient) => {
    const faster = add(mul(keep, speed), gradient)
    return [mul(rate, faster), faster]
  },
})

const { objective, start } = rosenbrock()
minimize(objective, start, { method: descend(barzilaiBorwein, backtracking()) }).counts.iterations // => 41
minimize(objective, start, { method: descend(following(momentum(1e-3, 0.9)), fixed(1)) }).counts.iterations // => 2993

// The same search straight downhill does not get there.
const straight = minimize(objective, start, { method: descend(steepest(), backtracking()) })
straight.outcome // => { _tag: 'Left', left: { kind: 'budget', of: 'evaluations', limit: 20000 } }
