// A search of one's own, composed with a direction: the exact step for a quadratic, from two slopes.
import { matmul, mul, sub, sum, type Value } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import { bfgs, descend, minimize, type Search } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'

const exact: Search = function* (ray, start) {
  const unit = yield* ray.trial(1)
  return E.right(yield* ray.trial(start.slope0 / (start.slope0 - unit.slope)))
}

const a = tensor([
  [4, 1],
  [1, 3],
])
const quadratic = (x: Value): Value => sub(mul(0.5, sum(mul(x, matmul(a, x)))), sum(x))

const solution = minimize(quadratic, tensor([5, -7]), { method: descend(bfgs(), exact) })
solution.counts.iterations // => 2
