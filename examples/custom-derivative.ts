// A derivative of one's own: a root that is found by a loop has the derivative of its equation, not of the loop.
import { add, customDerivative, div, exp, grad, item, mul, neg, type Value } from '@secant/autodiff'
import { scalar, selfAdjoint } from '@secant/linalg'

/** The w with w eʷ = a, for a ≥ 0, by Newton's method; the loop reads numbers and cannot be recorded. */
const byNewton = (a: Value): Value => {
  const target = item(a)
  let w = Math.log1p(target)
  for (let k = 0; k < 50; k++) w -= (w * Math.exp(w) - target) / ((1 + w) * Math.exp(w))
  return scalar(w)
}

/** Lambert's W. From w eʷ = a follows dw/da = 1 / ((1 + w) eʷ), which names W itself: any order comes for free. */
const lambertW: (a: Value) => Value = customDerivative(byNewton, (a) => {
  const w = lambertW(a)
  const slope = div(1, mul(add(1, w), exp(w)))
  return [w, selfAdjoint((v: Value) => mul(v, slope))]
})

const w = item(lambertW(scalar(Math.E)))
w // => 1

item(grad(lambertW)(scalar(Math.E))) // => 0.18394
item(grad(grad(lambertW))(scalar(Math.E))) // => -0.05075

// The same, from the closed form of the second derivative: −(2 + w) / (e²ʷ (1 + w)³).
item(neg(div(2 + w, (1 + w) ** 3 * Math.exp(2 * w)))) // => -0.05075
