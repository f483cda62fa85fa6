/**
 * The loop of a known number of steps. Arguments are `[...consts, ...carry, ...rows]`, where rows have a leading axis of
 * `length`; `body` is a program `[...consts, ...carry, ...one of each row] → [...carry, ...results]`, and the results
 * of the scan are the last carry and all results of the steps as rows. With `reverse` the last row is the first step.
 * A compiler finds a scan by `isStepOf(step, scanPrimitive)` and has all there is in its `ScanParams`.
 */
import { allocate, fromData, isFloat, sizeOf, type Tensor, type TensorType } from '@secant/linalg'
import { bind, type Primitive, type Tangents, type Value, type Values } from '../core.ts'
import { transpose } from '../ops/structure.ts'
import { evaluate, type Program } from '../record.ts'
import { plus } from '../vector-space.ts'
import { batchProgram, cotangentProgram, repeated, settled, tangentProgram } from './derived-program.ts'
import { type Flags, given, none, pick, pickWritten, placed, present, splitAt, unpick, written } from './flags.ts'
import { sameType, showType } from './leaves.ts'
import { closed, inputsRead, programOf, reached } from './program.ts'

export interface ScanParams {
  readonly body: Program
  /** How many inputs of the body are the same in every step. */
  readonly consts: number
  /** How many values go from step to step: inputs after the constants, first among the outputs. */
  readonly carry: number
  /** The number of steps. */
  readonly length: number
  /** Whether the last row is the first step. */
  readonly reverse: boolean
}

type Sections<A> = readonly [consts: readonly A[], carry: readonly A[], rows: readonly A[]]

const sections = <A>(list: readonly A[], { consts, carry }: Pick<ScanParams, 'consts' | 'carry'>): Sections<A> => [
  list.slice(0, consts),
  list.slice(consts, consts + carry),
  list.slice(consts + carry),
]

const rowsOf = ({ dtype, shape }: TensorType, length: number): TensorType => ({ dtype, shape: [length, ...shape] })

/** A row without its copy. */
const rowAt = ({ data, shape }: Tensor, i: number): Tensor => {
  const inner = shape.slice(1)
  const size = sizeOf(inner)
  return fromData(data.subarray(i * size, (i + 1) * size), inner)
}

/** The first two axes exchanged: rows of batches and batches of rows. */
const exchanged = (x: Value): Value => transpose(x, [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)])

/**
 * A scan, without the constants and rows that its body does not read, and with what it carries along unchanged as a
 * constant: the derivative would keep that for every step.
 */
export const runScan = (
  body: Program,
  parts: Sections<Value>,
  { length, reverse }: Pick<ScanParams, 'length' | 'reverse'>,
): Values => {
  const counts = { consts: parts[0].length, carry: parts[1].length }
  const [last, results] = splitAt(body.outputs, counts.carry)
  const fixed = sections(body.inputs, counts)[1].map((input, i) => input === last[i])
  const moves = fixed.map((flag) => !flag)
  const outputs = [...pick(last, moves), ...results]
  const arranged = <A>([consts, carry, rows]: Sections<A>): Sections<A> => [
    [...consts, ...pick(carry, fixed)],
    pick(carry, moves),
    rows,
  ]
  const inputs = arranged(sections(body.inputs, counts))
  const read = inputsRead({ ...body, inputs: inputs.flat(), outputs })
  const [constsRead, , rowsRead] = sections(read, { consts: inputs[0].length, carry: inputs[1].length })
  const kept = <A>([consts, carry, rows]: Sections<A>): readonly A[] => [
    ...pick(consts, constsRead),
    ...carry,
    ...pick(rows, rowsRead),
  ]
  const outs = bind(scanPrimitive, kept(arranged(parts)), {
    body: { ...body, inputs: kept(inputs), outputs },
    consts: constsRead.filter(Boolean).length,
    carry: inputs[1].length,
    length,
    reverse,
  })
  return [...placed(moves, outs, (i) => parts[1][i] as Value), ...outs.slice(inputs[1].length)]
}

/** The scan of a function that closes over no tracer. */
const loop = (
  step: (...sections: Sections<Value>) => Values,
  parts: Sections<Value>,
  order: Pick<ScanParams, 'length' | 'reverse'>,
): Values => {
  const [consts, carry, rows] = parts
  const counts = { consts: consts.length, carry: carry.length }
  const types = [...consts, ...carry, ...rows.map(({ dtype, shape }) => ({ dtype, shape: shape.slice(1) }))]
  return runScan(
    programOf((xs) => step(...sections(xs, counts)), types),
    parts,
    order,
  )
}

const typeOf = (args: readonly TensorType[], params: ScanParams): readonly TensorType[] => {
  const { body, carry, length } = params
  const [consts, init, rows] = sections(body.inputs, params)
  const needed = [...consts, ...init, ...rows.map((type) => rowsOf(type, length))]
  if (args.length !== needed.length || !args.every((arg, i) => sameType(arg, needed[i] as TensorType)))
    throw new Error(`scan: got ${args.map(showType).join(', ')}; needs ${needed.map(showType).join(', ')}`)
  return body.outputs.map((type, i) => (i < carry ? type : rowsOf(type, length)))
}

const impl = (args: readonly Tensor[], params: ScanParams, types: readonly TensorType[]): readonly Tensor[] => {
  const { body, carry, length, reverse } = params
  const run = evaluate(body)
  const [consts, init, rows] = sections(args, params)
  const results = types.slice(carry).map(({ dtype, shape }) => fromData(allocate(dtype, sizeOf(shape)), shape))
  let state = init
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step
    const outs = run([...consts, ...state, ...rows.map((row) => rowAt(row, at))]) as readonly Tensor[]
    state = outs.slice(0, carry)
    for (const [k, { data }] of results.entries()) {
      const out = (outs[carry + k] as Tensor).data
      data.set(out, at * out.length)
    }
  }
  return [...state, ...results]
}

/** Where the derivative of a scan is taken: the arguments, and the carry as it came into each step as further rows. */
interface Passed {
  readonly params: ScanParams
  readonly consts: Values
  readonly before: Values
  readonly rows: Values
}

/** Directions go through the steps in their order. */
const push = ({ params, consts, before, rows }: Passed, tangents: Tangents): Tangents => {
  const { body, carry } = params
  const [ofConsts, ofInit, ofRows] = sections(tangents, params)
  const [moving, { program, present: found }] = settled(
    present(ofInit),
    (moving) => {
      const forced = [...moving, ...none(body.outputs.slice(carry))]
      return tangentProgram(body, [...present(ofConsts), ...moving, ...present(ofRows)], forced)
    },
    (found) => found.slice(0, carry),
  )
  const run = evaluate(program)
  const outs = loop(
    (allConsts, v, allRows) => {
      const [fixed, vConsts] = splitAt(allConsts, consts.length)
      const [at, vRows] = splitAt(allRows, before.length + rows.length)
      return run([...fixed, ...at, ...vConsts, ...v, ...vRows])
    },
    [
      [...consts, ...given(ofConsts)],
      pickWritten(ofInit, moving, sections(body.inputs, params)[1]),
      [...before, ...rows, ...given(ofRows)],
    ],
    params,
  )
  return unpick(found, outs)
}

/** Cotangents go through the steps against their order; those of constants are added up on the way. */
const pull = ({ params, consts, before, rows }: Passed, followed: Flags, cotangents: Tangents): Tangents => {
  const { body, carry, length, reverse } = params
  const [constTypes, carryTypes, rowTypes] = sections(body.inputs, params)
  const [, carryFollowed] = sections(followed, params)
  const [ofLast, ofResults] = splitAt(cotangents, carry)
  const [moving, { program, present: found }] = settled(
    present(ofLast).map((flag, i) => flag && (carryFollowed[i] as boolean)),
    (moving) => {
      const forced = [...none(constTypes), ...moving, ...none(rowTypes)]
      return cotangentProgram(body, followed, [...moving, ...present(ofResults)], forced)
    },
    (found) => sections(found, params)[1],
  )
  const run = evaluate(program)
  const last = pickWritten(ofLast, moving, carryTypes)
  const totals = pick(constTypes, found.slice(0, consts.length)).map((type) => written(undefined, type))
  const outs = loop(
    (fixed, state, allRows) => {
      const [w, sums] = splitAt(state, last.length)
      const [at, wRow] = splitAt(allRows, before.length + rows.length)
      const [toConsts, rest] = splitAt(run([...fixed, ...at, ...w, ...wRow]), totals.length)
      const [toCarry, toRow] = splitAt(rest, last.length)
      return [...toCarry, ...sums.map((sum, i) => plus(sum, toConsts[i] as Value)), ...toRow]
    },
    [consts, [...last, ...totals], [...before, ...rows, ...given(ofResults)]],
    { length, reverse: !reverse },
  )
  const [toInit, sums, toRows] = sections(outs, { consts: last.length, carry: totals.length })
  return unpick(found, [...sums, ...toInit, ...toRows])
}

const batch = (args: Values, batched: Flags, params: ScanParams, count: number): Values => {
  const { body, carry } = params
  const [consts, init, rows] = sections(args, params)
  const [inConsts, inInit, inRows] = sections(batched, params)
  const inCarry = closed(inInit, (flags) => reached(body, [...inConsts, ...flags, ...inRows]).slice(0, carry))
  const inputs = [...inConsts, ...inCarry, ...inRows]
  const outputs = [...inCarry, ...reached(body, inputs).slice(carry)]
  const outs = runScan(
    batchProgram(body, inputs, count, outputs),
    [
      consts,
      init.map((x, i) => (inCarry[i] && !inInit[i] ? repeated(x, count) : x)),
      rows.map((x, i) => (inRows[i] ? exchanged(x) : x)),
    ],
    params,
  )
  return outs.map((out, i) => (!outputs[i] ? repeated(out, count) : i < carry ? out : exchanged(out)))
}

export const scanPrimitive: Primitive<ScanParams> = {
  name: 'scan',
  typeOf,
  impl,
  linearize: (args, params, active) => {
    const { body, carry } = params
    const [consts, init, rows] = sections(args, params)
    const [ofConsts, ofInit, ofRows] = sections(active, params)
    const ofCarry = closed(ofInit, (flags) =>
      reached(body, [...ofConsts, ...flags, ...ofRows], isFloat).slice(0, carry),
    )
    const [, incoming] = sections(body.inputs, params)
    const withIncoming = { ...body, outputs: [...body.outputs, ...incoming] }
    const [outs, before] = splitAt(runScan(withIncoming, [consts, init, rows], params), body.outputs.length)
    const at = { params, consts, before, rows }
    return [
      outs,
      {
        apply: (tangents) => push(at, tangents),
        adjoint: (cotangents) => pull(at, [...ofConsts, ...ofCarry, ...ofRows], cotangents),
      },
    ]
  },
  batch,
}
