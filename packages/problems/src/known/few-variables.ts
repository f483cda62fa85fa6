import { atan, cos, div, exp, hypot, less, mul, sin, square, sub, type Value, where } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import type { Problem } from '../problem.ts'
import { counted, decay, ofEntries, plus, times } from './formula.ts'

/** The problems of Moré, Garbow and Hillstrom (1981) in two to six variables, each in its own formula. */
export const fewVariables = (): readonly Problem<Value>[] => {
  const tenths = (count: number): Value => counted(count, 0.1)
  const bard = tensor([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39])
  const kowalik = tensor([0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
  const u = tensor([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
  return [
    ofEntries('rosenbrock', [-1.2, 1], 0, (x1: Value, x2: Value) => [mul(10, sub(x2, square(x1))), sub(1, x1)]),
    ofEntries('freudenstein-roth', [0.5, -2], 0, (x1: Value, x2: Value) => [
      plus(-13, x1, mul(sub(mul(sub(5, x2), x2), 2), x2)),
      plus(-29, x1, mul(sub(mul(plus(x2, 1), x2), 14), x2)),
    ]),
    ofEntries('powell-badly-scaled', [0, 1], 0, (x1: Value, x2: Value) => [
      sub(times(1e4, x1, x2), 1),
      plus(decay(1, x1), decay(1, x2), -1.0001),
    ]),
    ofEntries('beale', [1, 1], 0, (x1: Value, x2: Value) => [
      sub(1.5, mul(x1, sub(1, x2))),
      sub(2.25, mul(x1, sub(1, square(x2)))),
      sub(2.625, mul(x1, sub(1, times(x2, x2, x2)))),
    ]),
    ofEntries('helical-valley', [-1, 0, 0], 0, (x1: Value, x2: Value, x3: Value) => {
      // The angle from −1/4 to 3/4 of a turn; ±1/4 on the axis x₁ = 0.
      const isLeft = less(x1, 0)
      const turn = plus(div(atan(div(x2, x1)), 2 * Math.PI), where(isLeft, 0.5, 0))
      return [mul(10, sub(x3, mul(10, turn))), mul(10, sub(hypot(x1, x2), 1)), x3]
    }),
    ofEntries('bard', [1, 1, 1], 0.008214877306578975, (x1: Value, x2: Value, x3: Value) => {
      const [v, w] = [sub(16, counted(15)), tensor([1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5, 4, 3, 2, 1])]
      return [sub(bard, plus(x1, div(counted(15), plus(mul(v, x2), mul(w, x3)))))]
    }),
    ofEntries('box-3d', [0, 10, 20], 0, (x1: Value, x2: Value, x3: Value) => {
      const t = tenths(10)
      return [sub(sub(decay(t, x1), decay(t, x2)), mul(x3, sub(decay(t, 1), decay(t, 10))))]
    }),
    ofEntries('powell-singular', [3, -1, 0, 1], 0, (x1: Value, x2: Value, x3: Value, x4: Value) => [
      plus(x1, mul(10, x2)),
      mul(Math.sqrt(5), sub(x3, x4)),
      square(sub(x2, mul(2, x3))),
      mul(Math.sqrt(10), square(sub(x1, x4))),
    ]),
    ofEntries('wood', [-3, -1, -3, -1], 0, (x1: Value, x2: Value, x3: Value, x4: Value) => [
      mul(10, sub(x2, square(x1))),
      sub(1, x1),
      mul(Math.sqrt(90), sub(x4, square(x3))),
      sub(1, x3),
      mul(Math.sqrt(10), plus(x2, x4, -2)),
      mul(Math.sqrt(0.1), sub(x2, x4)),
    ]),
    ofEntries(
      'kowalik-osborne',
      [0.25, 0.39, 0.415, 0.39],
      0.00030750560384923745,
      (x1: Value, x2: Value, x3: Value, x4: Value) => [
        sub(kowalik, div(mul(x1, mul(u, plus(u, x2))), plus(mul(u, plus(u, x3)), x4))),
      ],
    ),
    ofEntries('brown-dennis', [25, 5, -5, -1], 85822.20162635634, (x1: Value, x2: Value, x3: Value, x4: Value) => {
      const t = counted(20, 0.2)
      return [plus(square(sub(plus(x1, mul(t, x2)), exp(t))), square(sub(plus(x3, mul(x4, sin(t))), cos(t))))]
    }),
    ofEntries(
      'biggs-exp6',
      [1, 2, 1, 1, 1, 1],
      0,
      (x1: Value, x2: Value, x3: Value, x4: Value, x5: Value, x6: Value) => {
        const t = tenths(13)
        const y = plus(decay(t, 1), mul(-5, decay(t, 10)), mul(3, decay(t, 4)))
        return [sub(plus(mul(x3, decay(t, x1)), mul(-1, mul(x4, decay(t, x2))), mul(x6, decay(t, x5))), y)]
      },
    ),
  ]
}
