/** Changes of a problem that a method may follow: then its iterates on the changed problem are its iterates, changed. */
import { add, concrete, div, matmul, mul, type Operand, sub, take, type Value } from '@secant/autodiff'
import { fromData, tensor } from '@secant/linalg'
import fc from 'fast-check'
import { type KnownProblem, knownProblem } from './known-problem.ts'
import { factors, turns, vectors } from './numbers.ts'
import { callOf, printedAs } from './printed.ts'
import { rotation as orthogonal } from './spectrum.ts'

/** A change of variables that turns, moves and stretches, and a factor of the values. */
export interface Change {
  readonly name: string
  readonly to: (x: Value) => Value
  readonly back: (x: Value) => Value
  /** What distances are multiplied by. */
  readonly stretch: number
  /** What values are multiplied by. */
  readonly factor: number
}

/** A kind of changes, for problems of n variables. */
export interface Symmetry {
  readonly name: string
  readonly changes: (n: number) => fc.Arbitrary<Change>
}

const same = (x: Value): Value => x
const change = (name: string, parts: Partial<Change>): Change =>
  printedAs(name, { name, to: same, back: same, stretch: 1, factor: 1, ...parts })

/** The problem after a change: the same values, times the factor, at the changed places. */
export const changed = (problem: KnownProblem, { name, to, back, stretch, factor }: Change): KnownProblem => {
  const { L, mu, convex } = problem.known
  const scale = factor / stretch ** 2
  return knownProblem({
    name: `${problem.name} after ${name}`,
    objective: (x): Operand => mul(factor, problem.objective(back(x))),
    start: concrete(to(problem.start)),
    minimizer: concrete(to(problem.minimizer)),
    facts: { L: scale * L, convex, ...(mu === undefined ? {} : { mu: scale * mu }) },
  })
}

/** Moving the origin. */
export const translation: Symmetry = {
  name: 'translation',
  changes: (n) =>
    vectors(n).map((t) => change(callOf('translated', [...t.data]), { to: (x) => add(x, t), back: (x) => sub(x, t) })),
}

/** Turning the axes. */
export const rotation: Symmetry = {
  name: 'rotation',
  changes: (n) =>
    turns.map((turn) => {
      const q = orthogonal(n, turn)
      return change(callOf('turned', turn), { to: (x) => matmul(q, x), back: (x) => matmul(x, q) })
    }),
}

/** Other names for the variables. */
export const permutation: Symmetry = {
  name: 'permutation',
  changes: (n) => {
    const natural = Array.from({ length: n }, (_, i) => i)
    return fc.shuffledSubarray(natural, { minLength: n, maxLength: n }).map((order) => {
      const indices = tensor(order, 'int32')
      const inverse = fromData(Int32Array.from(natural, (i) => order.indexOf(i)))
      return change(callOf('permuted', order), { to: (x) => take(x, indices, 0), back: (x) => take(x, inverse, 0) })
    })
  },
}

const sizes = fc.oneof(factors(16), factors(1 / 16))

/** Another unit of the values. */
export const scalingOfValues: Symmetry = {
  name: 'scaling of values',
  changes: () => sizes.map((factor) => change(callOf('valuesTimes', factor), { factor })),
}

/** Another unit of the variables, the same for all. */
export const scalingOfVariables: Symmetry = {
  name: 'scaling of variables',
  changes: () =>
    sizes.map((stretch) =>
      change(callOf('variablesTimes', stretch), { to: (x) => mul(stretch, x), back: (x) => div(x, stretch), stretch }),
    ),
}
