import { add, mul, type Operand, reshape, square, sub, sum, type Value } from '@secant/autodiff'
import { tensor } from '@secant/linalg'
import type { Problem } from '../problem.ts'
import { counted, cut, fourth, plus, repeated, times } from './formula.ts'

/** (i/n)^power for i from 1 to `count`. */
const fractions = (n: number, power: number, count = n): Value =>
  tensor(Array.from({ length: count }, (_, i) => ((i + 1) / n) ** power))

/** Dixon and Maany's function with coefficients β, γ, δ and powers of i/n in its first and last sums. */
const dixmaan =
  (m: number, [beta, gamma, delta]: readonly [number, number, number], power: number) =>
  (x: Value): Operand => {
    const n = 3 * m
    const [here, next] = [cut(x, 0, n - 1), cut(x, 1, n)]
    return plus(
      1,
      sum(mul(fractions(n, power), square(x))),
      mul(beta, sum(square(mul(here, add(next, square(next)))))),
      mul(gamma, sum(mul(square(cut(x, 0, 2 * m)), fourth(cut(x, m, n))))),
      mul(delta, sum(times(fractions(n, power, m), cut(x, 0, m), cut(x, 2 * m, n)))),
    )
  }

/**
 * Fifteen problems of the CUTE collection and of Andrei's in about n variables, a multiple of 3 of them for Dixon and
 * Maany's, with their usual starts; minima are known for all n but that of ENGVAL1, which is given for n = 100 only.
 * Fails (throws) for n < 4.
 *
 * @example
 * scalableProblems(30).map(({ name }) => name).slice(0, 2) // => ['arwhead', 'dqdrtic']
 */
export const scalableProblems = (n = 100): readonly Problem<Value>[] => {
  if (!Number.isInteger(n) || n < 4) throw new Error(`scalableProblems: got n = ${n}; needs a whole number ≥ 4`)
  const m = Math.floor(n / 3)
  const head = (x: Value): Value => cut(x, 0, n - 1)
  const tail = (x: Value): Value => cut(x, 1, n)
  const first = (x: Value): Value => reshape(cut(x, 0, 1), [])
  const last = (x: Value): Value => reshape(cut(x, n - 1, n), [])
  const problem = (
    name: string,
    start: readonly number[],
    objective: (x: Value) => Operand,
    minimum = 0,
  ): Problem<Value> => ({ name, n: start.length, objective, start: tensor(start), minimum })
  const engval1: Problem<Value> = {
    name: 'engval1',
    n,
    objective: (x) => sum(plus(square(add(square(head(x)), square(tail(x)))), mul(-4, head(x)), 3)),
    start: tensor(repeated(n, 2)),
  }
  const twos = repeated(3 * m, 2)
  return [
    problem('arwhead', repeated(n, 1), (x) =>
      sum(plus(square(add(square(head(x)), square(last(x)))), mul(-4, head(x)), 3)),
    ),
    problem('dqdrtic', repeated(n, 3), (x) => {
      const squares = square(x)
      return sum(plus(cut(squares, 0, n - 2), mul(100, cut(squares, 1, n - 1)), mul(100, cut(squares, 2, n))))
    }),
    n === 100 ? { ...engval1, minimum: 109.08813614309213 } : engval1,
    problem('fletchcr', repeated(n, 0), (x) =>
      mul(100, sum(square(sub(plus(sub(tail(x), head(x)), 1), square(head(x)))))),
    ),
    problem('liarwhd', repeated(n, 4), (x) =>
      add(mul(4, sum(square(sub(square(x), first(x))))), sum(square(sub(x, 1)))),
    ),
    problem('nondia', repeated(n, -1), (x) =>
      add(square(sub(first(x), 1)), mul(100, sum(square(sub(first(x), square(head(x))))))),
    ),
    problem('power', repeated(n, 1), (x) => square(sum(mul(counted(n), square(x))))),
    problem('quartc', repeated(n, 2), (x) => sum(fourth(sub(x, counted(n))))),
    problem('tquartic', repeated(n, 0.1), (x) =>
      add(square(sub(first(x), 1)), sum(square(sub(square(first(x)), square(tail(x)))))),
    ),
    problem('tridia', repeated(n, 1), (x) =>
      add(square(sub(first(x), 1)), sum(mul(tail(counted(n)), square(sub(mul(2, tail(x)), head(x)))))),
    ),
    problem(
      'genrose',
      Array.from({ length: n }, (_, i) => (i + 1) / (n + 1)),
      (x) => plus(1, mul(100, sum(square(sub(tail(x), square(head(x)))))), sum(square(sub(tail(x), 1)))),
      1,
    ),
    problem('dixon3dq', repeated(n, -1), (x) =>
      plus(square(sub(first(x), 1)), sum(square(sub(cut(x, 1, n - 1), cut(x, 2, n)))), square(sub(last(x), 1))),
    ),
    problem('dixmaane', twos, dixmaan(m, [0, 0.125, 0.125], 1), 1),
    problem('dixmaanf', twos, dixmaan(m, [0.0625, 0.0625, 0.0625], 1), 1),
    problem('dixmaani', twos, dixmaan(m, [0, 0.125, 0.125], 2), 1),
  ]
}
