/**
 * What a loop computes at some cost is kept, as rows, for later loops that would compute it again, such as those of its derivative,
 * which know of the steps only the carries.
 */
import {
  type Atom,
  isStepOf,
  type Program,
  type ScanParams,
  type Step,
  scanPrimitive,
  type Variable,
  withoutDeadSteps,
} from '@secant/autodiff'
import { isTensor, sizeOf } from '@secant/linalg'
import { keying, tensorKey } from './constants.ts'
import { standing } from './expression.ts'

export interface KeepingLimits {
  /** Products over fewer terms are computed again. */
  readonly terms: number
  /** How many entries a loop keeps at most for another one, 8 MB of doubles: the derivative of a loop promises to need little memory. */
  readonly entries: number
}

const worthKeeping: KeepingLimits = { terms: 16, entries: 2 ** 20 }

type Scan = Step & { readonly params: ScanParams }

const isScan = (step: Step): step is Scan => isStepOf(step, scanPrimitive)

/** Whether a step takes long for each number that it computes: exp and the like, and sums of many products. */
const isDear = ({ primitive, params, args }: Step, terms: number): boolean => {
  const lowering = primitive.lower?.(params as never, args)
  if (lowering?.kind === 'product') return (args[0]?.shape.at(lowering.transposeA ? -2 : -1) ?? 0) >= terms
  if (lowering?.kind !== 'entries') return false
  const dtypes = args.map(({ dtype }) => dtype)
  return standing(lowering.formula, dtypes).calls > 0
}

/** For results of steps of a loop's body, what has the same value in the same step of a loop before. */
const sameValues = (before: Scan, after: Scan): ReadonlyMap<number, Atom> => {
  const keyOf = keying()
  const atomKey = (atom: Atom): string => (isTensor(atom) ? tensorKey(atom, keyOf) : `%${atom.id}`)
  const stepKey = ({ primitive, params }: Step, args: readonly Atom[]): string =>
    [keyOf(primitive.impl), keyOf(params), ...args.map(atomKey)].join(' ')

  const { body, consts, carry } = before.params
  const given = new Map<string, Atom>()
  before.args.forEach((arg, i) => {
    if (i < consts || i >= consts + carry) given.set(`${i < consts} ${atomKey(arg)}`, body.inputs[i] as Atom)
  })
  before.outs.forEach((out, i) => {
    if (i >= carry) given.set(`false ${atomKey(out)}`, body.outputs[i] as Atom)
  })
  const computed = new Map(body.steps.map((step) => [stepKey(step, step.args), step.outs]))

  const same = new Map<number, Atom>()
  const { body: own, consts: ownConsts, carry: ownCarry } = after.params
  own.inputs.forEach(({ id }, i) => {
    const isCarry = i >= ownConsts && i < ownConsts + ownCarry
    const known = isCarry ? undefined : given.get(`${i < ownConsts} ${atomKey(after.args[i] as Atom)}`)
    if (known !== undefined) same.set(id, known)
  })
  for (const step of own.steps) {
    const args = step.args.map((arg) => (isTensor(arg) ? arg : same.get(arg.id)))
    if (!args.every((arg) => arg !== undefined)) continue
    computed.get(stepKey(step, args))?.forEach((out, i) => void same.set((step.outs[i] as Variable).id, out))
  }
  return same
}

/** A body that is given what some of its steps compute, as further inputs where it still reads them. */
const givenResults = (body: Program, steps: readonly Step[]): readonly [Program, given: readonly Variable[]] => {
  const rest = withoutDeadSteps({ ...body, steps: body.steps.filter((step) => !steps.includes(step)) })
  const read = new Set<Atom>([...rest.steps.flatMap(({ args }) => args), ...rest.outputs])
  const given = steps.flatMap(({ outs }) => outs).filter((out) => read.has(out))
  return [{ ...rest, inputs: [...rest.inputs, ...given] }, given]
}

/** Both loops, the first with further results that are rows of the second. */
const keeping = (
  before: Scan,
  after: Scan,
  { terms, entries }: KeepingLimits,
  freshId: () => number,
): readonly [Scan, Scan] | undefined => {
  const same = sameValues(before, after)
  const body = withoutDeadSteps(after.params.body)
  let room = entries
  const dear = body.steps.filter((step) => {
    const [out] = step.outs
    if (out === undefined || !same.has(out.id) || !isDear(step, terms)) return false
    const size = after.params.length * sizeOf(out.shape)
    if (size > room) return false
    room -= size
    return true
  })
  const [reading, given] = givenResults(body, dear)
  if (given.length === 0) return undefined
  const outputs = [...before.params.body.outputs]
  const outs = [...before.outs]
  const rows = given.map(({ id, dtype, shape }) => {
    const value = same.get(id) as Atom
    const known = outputs.findIndex((output, i) => i >= before.params.carry && output === value)
    if (known >= 0) return outs[known] as Variable
    const row = { id: freshId(), dtype, shape: [before.params.length, ...shape] }
    outputs.push(value)
    outs.push(row)
    return row
  })
  return [
    { ...before, outs, params: { ...before.params, body: { ...before.params.body, outputs } } },
    { ...after, args: [...after.args, ...rows], params: { ...after.params, body: reading } },
  ]
}

/** The program in which loops read what loops before them have computed; the same program where there is nothing of that. */
export const withKeptResults = (program: Program, limits: KeepingLimits = worthKeeping): Program => {
  const steps = [...program.steps]
  const variables = [...program.inputs, ...steps.flatMap(({ outs }) => outs)]
  let last = variables.reduce((most, { id }) => Math.max(most, id), 0)
  const freshId = (): number => ++last
  let isChanged = false
  for (let j = 0; j < steps.length; j++)
    for (let i = 0; i < j; i++) {
      const [before, after] = [steps[i] as Step, steps[j] as Step]
      if (!isScan(before) || !isScan(after) || before.params.length !== after.params.length) continue
      if (!before.outs.some((out, k) => k >= before.params.carry && after.args.includes(out))) continue
      const both = keeping(before, after, limits, freshId)
      if (both === undefined) continue
      isChanged = true
      steps[i] = both[0]
      steps[j] = both[1]
    }
  return isChanged ? { ...program, steps } : program
}
