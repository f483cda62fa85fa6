/**
 * Programs made from programs. The derivative of a loop is a loop over the derivative of its body, and a batch of loops
 * is a loop over the batch of its body: each rule of control flow puts together what is derived here.
 */
import type { LinearMap, TensorType } from '@secant/linalg'
import { batchValues } from '../batch.ts'
import type { Tangents, Value, Values } from '../core.ts'
import { linearizeValues } from '../linearize.ts'
import { evaluate, type Program } from '../record.ts'
import { spread } from '../vector-space.ts'
import { type Flags, given, pick, placed, present, unpick, written } from './flags.ts'
import { programOf, reached } from './program.ts'

/** The value of a program and its derivative in the followed inputs. */
export const linearizeProgram = (
  program: Program,
  point: Values,
  followed: Flags,
): readonly [Values, LinearMap<Tangents>] => {
  const run = evaluate(program)
  const [outs, map] = linearizeValues(
    (own) => run(placed(followed, own, (i) => point[i] as Value)),
    pick(point, followed),
  )
  return [
    outs,
    {
      apply: (tangents) => map.apply(pick(tangents, followed)),
      adjoint: (cotangents) => placed(followed, map.adjoint(cotangents), () => undefined),
    },
  ]
}

/** A program of directions, and which of the results have one: the others are zero. */
export interface Derived {
  readonly program: Program
  readonly present: Flags
}

/** The program from a point and the given directions to the directions in `space`; those `forced` also if zero. */
const derivedFrom = (
  types: readonly TensorType[],
  directions: (xs: Values) => Tangents,
  space: readonly TensorType[],
  forced: Flags,
): Derived => {
  let found: Flags = forced
  const program = programOf((xs) => {
    const results = directions(xs).map((v, i) => (forced[i] ? written(v, space[i] as TensorType) : v))
    found = present(results)
    return given(results)
  }, types)
  return { program, present: found }
}

/** Forward mode: `[...inputs, ...directions of those directed] → directions of outputs`. */
export const tangentProgram = (program: Program, directed: Flags, forced: Flags): Derived => {
  const { inputs, outputs } = program
  const push = (xs: Values): Tangents => {
    const [, map] = linearizeProgram(program, xs.slice(0, inputs.length), directed)
    return map.apply(unpick(directed, xs.slice(inputs.length)))
  }
  return derivedFrom([...inputs, ...pick(inputs, directed)], push, outputs, forced)
}

/** Reverse mode: `[...inputs, ...cotangents of those outputs directed] → cotangents of the followed inputs`. */
export const cotangentProgram = (program: Program, followed: Flags, directed: Flags, forced: Flags): Derived => {
  const { inputs, outputs } = program
  const pull = (xs: Values): Tangents => {
    const [, map] = linearizeProgram(program, xs.slice(0, inputs.length), followed)
    return map.adjoint(unpick(directed, xs.slice(inputs.length)))
  }
  return derivedFrom([...inputs, ...pick(outputs, directed)], pull, inputs, forced)
}

/**
 * The derivative of a loop's body, whose carry has directions before a step where it has them after it: it is derived
 * again until that is so.
 */
export const settled = (
  start: Flags,
  derive: (moving: Flags) => Derived,
  carryOf: (present: Flags) => Flags,
): readonly [moving: Flags, derived: Derived] => {
  let moving = start
  for (;;) {
    const derived = derive(moving)
    const next = carryOf(derived.present)
    if (next.every((flag, i) => flag === moving[i])) return [moving, derived]
    moving = next
  }
}

const behindCount = ({ dtype, shape }: TensorType, count: number): TensorType => ({ dtype, shape: [count, ...shape] })

/** A value that all members share, once for each. */
export const repeated = (x: Value, count: number): Value => spread(x, [count, ...x.shape], [0])

/** The program for a batch: flagged inputs have a leading axis, and so have outputs that depend on them or are `forced`. */
export const batchProgram = (program: Program, batched: Flags, count: number, forced: Flags): Program => {
  const run = evaluate(program)
  const varies = reached(program, batched)
  const types = program.inputs.map((type, i) => (batched[i] ? behindCount(type, count) : type))
  return programOf((xs) => {
    let outs: Values = []
    const members = batchValues(
      (own) => {
        outs = run(placed(batched, own, (i) => xs[i] as Value))
        return pick(outs, varies)
      },
      pick(xs, batched),
      count,
    )
    return placed(varies, members, (i) => (forced[i] ? repeated(outs[i] as Value, count) : (outs[i] as Value)))
  }, types)
}
