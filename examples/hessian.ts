// The Hessian of a small function, the same matrix by Hessian-vector products, and Newton's method with it.
import { add, concrete, dot, exp, grad, hessian, hvp, matmul, mul, sum, type Value } from '@secant/autodiff'
import { cholesky, maxAbs, solveCholesky, sub, type Tensor, tensor, toNested } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

const a = tensor([
  [1, 2],
  [-1, 1],
  [0, -2],
])
/** Σ exp(Ax) + ½|x|², with gradient A'exp(Ax) + x and Hessian A' diag(exp(Ax)) A + I. */
const f = (x: Value): Value => add(sum(exp(matmul(a, x))), mul(0.5, dot(x, x)))

const origin = tensor([0, 0])
toNested(concrete(hessian(f)(origin))) // => [[3, 1], [1, 10]]
const units = [tensor([1, 0]), tensor([0, 1])]
units.map((unit) => toNested(concrete(hvp(f)(origin, unit)))) // => [[3, 1], [1, 10]]

/** x − H⁻¹g, where the Hessian is positive definite. */
const newton = (x: Tensor) =>
  pipe(
    cholesky(concrete(hessian(f)(x))),
    E.chainW((l) => solveCholesky(l, concrete(grad(f)(x)))),
    E.map((step) => sub(x, step)),
  )

// Near the minimum the slope is about squared by each step.
const slopes: number[] = []
let x = E.right<unknown, Tensor>(origin)
for (let k = 0; k < 4 && E.isRight(x); k++) {
  slopes.push(maxAbs(concrete(grad(f)(x.right))))
  x = newton(x.right)
}
slopes // => [1, 9e-3, 4e-6, 3e-12]
