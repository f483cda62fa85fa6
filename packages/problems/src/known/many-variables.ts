import { add, matmul, mul, pad, prod, slice, square, stack, sub, sum, type Value } from '@secant/autodiff'
import { ones, tensor } from '@secant/linalg'
import type { Problem } from '../problem.ts'
import { counted, cut, plus, repeated, sumOfSquares, times } from './formula.ts'

/** Powers 0 … count − 1 of numbers, a row each, and their derivatives in the number. */
const powersOf = (numbers: readonly number[], count: number): readonly [powers: Value, derivatives: Value] => {
  const rows = (entry: (t: number, j: number) => number): Value =>
    tensor(numbers.map((t) => Array.from({ length: count }, (_, j) => entry(t, j))))
  return [rows((t, j) => t ** j), rows((t, j) => (j === 0 ? 0 : j * t ** (j - 1)))]
}

/** The neighbours before and after, with 0 beyond the ends. */
const neighbours = (x: Value): readonly [before: Value, after: Value] => {
  const n = x.shape[0] as number
  return [pad(cut(x, 0, n - 1), [1], [0]), pad(cut(x, 1, n), [0], [1])]
}

/** Means of the Chebyshev polynomials of degree 1 … n, moved to [0, 1], less their integrals. */
const chebyshevMisfits = (x: Value): Value => {
  const n = x.shape[0] as number
  const y = sub(mul(2, x), 1)
  const polynomials: Value[] = [ones([n]), y]
  for (let k = 1; k < n; k++) polynomials.push(sub(times(2, y, polynomials[k] as Value), polynomials[k - 1] as Value))
  const integrals = tensor(Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 0 : -1 / ((i + 1) ** 2 - 1))))
  return sub(mul(1 / n, sum(stack(polynomials.slice(1)), { axes: [1] })), integrals)
}

/** The problems of Moré, Garbow and Hillstrom (1981) in any number of variables, in the numbers that are usual. */
export const manyVariables = (): readonly Problem<Value>[] => {
  const alternating = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? -1.2 : 1))
  const [powers, derivatives] = powersOf(
    Array.from({ length: 29 }, (_, i) => (i + 1) / 29),
    6,
  )
  const h = 1 / 11
  const inside = Array.from({ length: 10 }, (_, i) => (i + 1) * h)
  return [
    sumOfSquares('watson', repeated(6, 0), 0.0022876700535524363, (x) => [
      sub(sub(matmul(derivatives, x), square(matmul(powers, x))), 1),
      cut(x, 0, 1),
      sub(sub(cut(x, 1, 2), square(cut(x, 0, 1))), 1),
    ]),
    sumOfSquares('extended-rosenbrock', alternating, 0, (x) => {
      const [odd, even] = [slice(x, [0], [10], [2]), slice(x, [1], [10], [2])]
      return [mul(10, sub(even, square(odd))), sub(1, odd)]
    }),
    sumOfSquares('penalty-1', [1, 2, 3, 4], 2.249977500899937e-5, (x) => [
      mul(Math.sqrt(1e-5), sub(x, 1)),
      sub(sum(square(x)), 0.25),
    ]),
    sumOfSquares(
      'variably-dimensioned',
      Array.from({ length: 10 }, (_, i) => 1 - (i + 1) / 10),
      0,
      (x) => {
        const s = sum(mul(counted(10), sub(x, 1)))
        return [sub(x, 1), s, square(s)]
      },
    ),
    sumOfSquares('brown-almost-linear', repeated(10, 0.5), 0, (x) => [
      plus(cut(x, 0, 9), sum(x), -11),
      sub(prod(x), 1),
    ]),
    sumOfSquares(
      'discrete-boundary-value',
      inside.map((t) => t * (t - 1)),
      0,
      (x) => {
        const [before, after] = neighbours(x)
        const shifted = plus(x, tensor(inside), 1)
        return [add(sub(sub(mul(2, x), before), after), times(h ** 2 / 2, shifted, square(shifted)))]
      },
    ),
    sumOfSquares('broyden-tridiagonal', repeated(10, -1), 0, (x) => {
      const [before, after] = neighbours(x)
      return [add(sub(sub(mul(sub(3, mul(2, x)), x), before), mul(2, after)), 1)]
    }),
    sumOfSquares('linear-full-rank', repeated(10, 1), 10, (x) => {
      const shared = sub(mul(-2 / 20, sum(x)), 1)
      return [add(x, shared), mul(shared, ones([10]))]
    }),
    sumOfSquares(
      'chebyquad',
      Array.from({ length: 8 }, (_, i) => (i + 1) / 9),
      0.0035168737256779316,
      (x) => [chebyshevMisfits(x)],
    ),
  ]
}
