import * as dense from '@secant/linalg'
import {
  type CgFailure,
  type CgOptions,
  full,
  sameShape,
  scalar,
  selfAdjoint,
  showShape,
  type Tensor,
} from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { bind, type Primitive, type Value } from '../core.ts'
import { linearizeValues } from '../linearize.ts'
import { oneByOne } from '../one-by-one.ts'
import { item } from '../read.ts'
import { evaluate, type Program, recordValues } from '../record.ts'
import { neg, sub } from './arithmetic.ts'

/** Why conjugate gradients found no solution. */
export interface SolveFailure {
  readonly kind: CgFailure['kind']
}

interface Solve {
  /** v ↦ A v; its first inputs are the values that A depends on. */
  readonly program: Program
  readonly options: Pick<CgOptions, 'tolerance' | 'maxIterations'>
}

const kinds: readonly CgFailure['kind'][] = ['not positive definite', 'budget', 'non-finite']

/** Arguments b and the values that A depends on; results x and a status, 0 where x is a solution and else the kind's number. */
const solvePrimitive: Primitive<Solve> = {
  name: 'solveSymmetric',
  typeOf: ([b], { program }) => {
    const [image] = program.outputs
    if (b === undefined || image === undefined || b.shape.length !== 1 || !sameShape(b.shape, image.shape))
      throw new Error(
        `solveSymmetric: got a map to ${showShape(image?.shape ?? [])} for ${showShape(b?.shape ?? [])}; needs [n] for [n]`,
      )
    return [b, { dtype: 'int32', shape: [] }]
  },
  impl: ([b, ...parameters], { program, options }) => {
    const run = evaluate(program)
    const { shape, dtype } = b as Tensor
    return pipe(
      dense.conjugateGradients(
        selfAdjoint((v) => run([...parameters, v])[0] as Tensor),
        b as Tensor,
        options,
      ),
      E.match(
        ({ kind }) => [full(shape, Number.NaN, dtype), scalar(1 + kinds.indexOf(kind), 'int32')],
        ({ x }) => [x, scalar(0, 'int32')],
      ),
    )
  },
  // A x = b gives A dx = db − dA x.
  linearize: ([b, ...parameters], params) => {
    const solve = (right: Value): Value => bind(solvePrimitive, [right, ...parameters], params)[0] as Value
    const results = bind(solvePrimitive, [b as Value, ...parameters], params)
    const x = results[0] as Value
    const [, image] = linearizeValues((given) => evaluate(params.program)([...given, x]), parameters)
    return [
      results,
      {
        apply: ([db, ...moved]) => {
          const [change] = image.apply(moved)
          const right = db && change ? sub(db, change) : (db ?? (change && neg(change)))
          return [right && solve(right)]
        },
        adjoint: ([w]) => {
          const z = w && solve(w)
          return [z, ...image.adjoint([z && neg(z)])]
        },
      },
    ]
  },
  batch: (args, batched, params, count) => oneByOne(solvePrimitive, args, batched, params, count),
}

const solve = (
  matvec: (v: Value) => Value,
  b: Value,
  options: Solve['options'],
): readonly [x: Value, status: Value] => {
  const { program, captured } = recordValues(([v]) => [matvec(v as Value)], [b])
  return bind(solvePrimitive, [b, ...captured], { program, options }) as readonly [Value, Value]
}

/**
 * x with `matvec(x) = b`, b `[n]`, for a symmetric positive definite linear map, by conjugate gradients to
 * ‖b − A x‖ ≤ tolerance ‖b‖. Differentiable to any order in b and in the values that `matvec` closes over, by further
 * solves to the same tolerance (NaN where one of them fails). Fails (throws) while recording: `solveSymmetricOrNaN` does not.
 *
 * @example
 * const half = (b: Value) => solveSymmetricOrNaN((v) => mul(2, v), b)
 * toNested(concrete(half(tensor([2, 4])))) // => [1, 2]
 */
export const solveSymmetric = (
  matvec: (v: Value) => Value,
  b: Value,
  options: Solve['options'] = {},
): E.Either<SolveFailure, Value> => {
  const [x, status] = solve(matvec, b, options)
  const kind = kinds[item(status) - 1]
  return kind === undefined ? E.right(x) : E.left({ kind })
}

/** `solveSymmetric` whose result is NaN where there is no solution. */
export const solveSymmetricOrNaN = (matvec: (v: Value) => Value, b: Value, options: Solve['options'] = {}): Value =>
  solve(matvec, b, options)[0]
