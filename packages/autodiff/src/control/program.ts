/**
 * Programs made from programs. The derivative of a loop is a loop over the derivative of its body, and a batch of loops
 * is a loop over the batch of its body: each rule of control flow puts together what is derived here.
 */
import { isTensor, type LinearMap, type TensorType, zeros } from '@secant/linalg'
import { batchValues } from '../batch.ts'
import type { Tangents, Value, Values } from '../core.ts'
import { linearizeValues } from '../linearize.ts'
import { type Atom, evaluate, type Program, recordValues, type Step } from '../record.ts'
import { spread } from '../vector-space.ts'

/** One answer for each of a list. */
export type Flags = readonly boolean[]

/** A list in two parts, the second from place `at`. */
export const splitAt = <A>(list: readonly A[], at: number): readonly [readonly A[], readonly A[]] => [
  list.slice(0, at),
  list.slice(at),
]

/** The flagged ones. */
export const pick = <A>(list: readonly A[], flags: Flags): readonly A[] => list.filter((_, i) => flags[i])

/** `own` at the flagged places, in order, and what `other` says elsewhere. */
const placed = <A>(flags: Flags, own: readonly A[], other: (i: number) => A): readonly A[] => {
  let next = 0
  return flags.map((flag, i) => (flag ? (own[next++] as A) : other(i)))
}

/** Directions at the flagged places, zero elsewhere; the inverse of `pick` with `present`. */
export const unpick = (flags: Flags, own: Values): Tangents => placed<Value | undefined>(flags, own, () => undefined)

/** Which directions are not zero. */
export const present = (tangents: Tangents): Flags => tangents.map((v) => v !== undefined)

/** The directions that are not zero. */
export const given = (tangents: Tangents): Values => tangents.filter((v) => v !== undefined)

export const none = (list: readonly unknown[]): Flags => list.map(() => false)

/** Zeros written out where a direction is left away. */
export const written = (v: Value | undefined, { shape, dtype }: TensorType): Value => v ?? zeros(shape, dtype)

/** The flagged directions, zeros written out. */
export const pickWritten = (tangents: Tangents, flags: Flags, space: readonly TensorType[]): Values =>
  pick(
    tangents.map((v, i) => (flags[i] ? written(v, space[i] as TensorType) : v)),
    flags,
  ) as Values

/** Which outputs depend on the flagged inputs, on ways that only touch what `through` lets pass. */
export const reached = (program: Program, from: Flags, through: (type: TensorType) => boolean = () => true): Flags => {
  const ids = new Set(pick(program.inputs, from).map(({ id }) => id))
  const depends = (atom: Atom): boolean => !isTensor(atom) && ids.has(atom.id)
  for (const { args, outs } of program.steps)
    if (args.some(depends)) for (const out of outs) if (through(out)) ids.add(out.id)
  return program.outputs.map(depends)
}

/** The least flags that contain `start` and all that follows from them: a carry comes round to its own input. */
export const closed = (start: Flags, follow: (flags: Flags) => Flags): Flags => {
  let flags = start
  for (;;) {
    const next = follow(flags)
    if (next.every((flag, i) => flags[i] || !flag)) return flags
    flags = flags.map((flag, i) => flag || (next[i] as boolean))
  }
}

/** The program without steps whose results nobody reads. */
export const pruned = (program: Program): Program => {
  const needed = new Set<number>()
  const need = (atom: Atom): void => {
    if (!isTensor(atom)) needed.add(atom.id)
  }
  program.outputs.forEach(need)
  const steps: Step[] = []
  for (const step of program.steps.toReversed())
    if (step.outs.some(({ id }) => needed.has(id))) {
      step.args.forEach(need)
      steps.push(step)
    }
  return { ...program, steps: steps.reverse() }
}

/** Which inputs a program reads. */
export const inputsRead = ({ inputs, steps, outputs }: Program): Flags => {
  const read = new Set<number>()
  for (const atom of [...steps.flatMap(({ args }) => args), ...outputs]) if (!isTensor(atom)) read.add(atom.id)
  return inputs.map(({ id }) => read.has(id))
}

/** A function of values that closes over no tracer, as a program without idle steps. */
export const programOf = (f: (xs: Values) => Values, types: readonly TensorType[]): Program =>
  pruned(recordValues(f, types).program)

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

/** A program of directions, and which of the directions asked for it returns: the others are zero. */
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

/** Forward mode: `[...inputs, ...directions of the given inputs] → directions of outputs`. */
export const tangentProgram = (program: Program, asked: Flags, forced: Flags): Derived => {
  const { inputs, outputs } = program
  const push = (xs: Values): Tangents => {
    const [, map] = linearizeProgram(program, xs.slice(0, inputs.length), asked)
    return map.apply(unpick(asked, xs.slice(inputs.length)))
  }
  return derivedFrom([...inputs, ...pick(inputs, asked)], push, outputs, forced)
}

/** Reverse mode: `[...inputs, ...cotangents of the given outputs] → cotangents of the followed inputs`. */
export const cotangentProgram = (program: Program, followed: Flags, asked: Flags, forced: Flags): Derived => {
  const { inputs, outputs } = program
  const pull = (xs: Values): Tangents => {
    const [, map] = linearizeProgram(program, xs.slice(0, inputs.length), followed)
    return map.adjoint(unpick(asked, xs.slice(inputs.length)))
  }
  return derivedFrom([...inputs, ...pick(outputs, asked)], pull, inputs, forced)
}

/** The derivative of a loop's body: the carry has directions where `moving`, before a step as after it. */
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
