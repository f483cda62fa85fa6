import { concrete, hessian, type Operand, type Value } from '@secant/autodiff'
import { add, cholesky, eye, maxAbs, mul, neg, norm, scalar, solveCholesky, type Tensor } from '@secant/linalg'
import {
  armijo,
  backtracking,
  type Descent,
  type Direction,
  descend,
  gradientNorm,
  noStep,
  objectiveOf,
  type Run,
  run,
  type Search,
} from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

/**
 * `(H + τI)⁻¹ b` with the first τ of 0, β, 2β, 4β, … that leaves a positive definite matrix (Nocedal and Wright, algorithm
 * 3.3); b itself, should there be none (H is not finite).
 */
const solveShifted = (h: Tensor, b: Tensor): Tensor => {
  const n = b.data.length
  const identity = eye(n)
  const shortest = 1e-3 * norm(h)
  let shift = 0
  for (let attempt = 0; attempt < 60; attempt++) {
    const solved = pipe(
      cholesky(add(h, mul(scalar(shift), identity))),
      E.chainW((l) => solveCholesky(l, b)),
    )
    if (E.isRight(solved)) return solved.right
    shift = Math.max(2 * shift, shortest)
  }
  return b
}

/** Newton's direction, −H⁻¹ g, H shifted where it is not positive definite. Reads numbers, so it cannot be recorded. */
const newton = (objective: (x: Value) => Operand): Direction<null> => {
  const secondDerivatives = hessian(objective)
  return {
    name: 'Newton',
    init: () => null,
    propose: (memory, { x, grad }) => [solveShifted(concrete(secondDerivatives(x)), neg(concrete(grad))), memory],
    observe: (memory) => memory,
  }
}

/**
 * The whole step where it halves the gradient and the value is not worse for it, by more than rounding; otherwise
 * backtracking, if values can tell: near the minimum they differ by their rounding only, while gradients still shrink.
 */
const halving: Search = function* (ray, start) {
  const trial = yield* ray.trial(1)
  const { from, to } = trial
  const isNoWorse = to.value <= from.value + 1e-12 * Math.abs(from.value)
  if (isNoWorse && maxAbs(to.grad) <= 0.5 * maxAbs(from.grad)) return E.right(trial)
  const hopeless = noStep(armijo(), start, 1)
  return hopeless.kind === 'roundoff-limited' ? E.left(hopeless) : yield* backtracking()(ray, start)
}

/**
 * A minimum to the last digits, by Newton's method with Cholesky factors and backtracking: what runs of other methods are
 * measured against, for moderate n (each step takes n Hessian products and n³/3 operations). A success is certified by the largest gradient
 * entry, at most `tolerance` times that at the start; the best point seen is there in any case, also where rounding allows no
 * further progress (`roundoff-limited`). Not convex: a stationary point near the way down.
 *
 * @example
 * const { best } = minimumByNewton((x: Value) => sum(sub(exp(x), x)), tensor([1, -2]))
 * best.value // => 2
 */
export const minimumByNewton = (
  objective: (x: Value) => Operand,
  x0: Tensor,
  { tolerance = 1e-14, maxIterations = 200 }: { readonly tolerance?: number; readonly maxIterations?: number } = {},
): Run<Descent<null>> => {
  const flat = objectiveOf<Value>(objective, x0)
  const bound = tolerance * maxAbs(flat.objective.point(x0).grad)
  return run(flat.objective, descend(newton(objective), halving), x0, { until: [gradientNorm(bound)], maxIterations })
}
