import { fromData, isTensor, type Tensor, type TensorType } from '@secant/linalg'
import { type DeviceError, type DeviceTensor, read, release, type Scope, upload, within } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { currentInterpreter, evaluator, isTracer, type Values } from '../core.ts'
import { type Atom, type Program, recordValues, type Variable } from '../record.ts'
import { flatten, type Structure, unflatten } from '../tree.ts'
import { type DeviceRule, deviceRules } from './rules.ts'

/** A recorded function whose numbers that are known lie on a device. */
interface Resident {
  readonly program: Program
  /** What each step means there. */
  readonly rules: readonly DeviceRule[]
  readonly constants: ReadonlyMap<Atom, DeviceTensor>
  /** After which step a name is not read any more. */
  readonly lastUse: ReadonlyMap<number, number>
  readonly structure: Structure
}

const isConstant = (atom: Atom): atom is Tensor => isTensor(atom)

/** The steps that outputs depend on: derivatives record more. */
const withoutDeadSteps = (program: Program): Program => {
  const needed = new Set<Atom>(program.outputs)
  const steps = [...program.steps].reverse().filter(({ outs, args }) => {
    const live = outs.some((out) => needed.has(out))
    if (live) for (const arg of args) needed.add(arg)
    return live
  })
  return { ...program, steps: steps.reverse() }
}

/** Fails (throws) on operations that no device has, all of them named. */
const rulesFor = ({ steps }: Program): readonly DeviceRule[] => {
  const names = steps.map(({ primitive }) => primitive.name)
  const unknown = new Set(names.filter((name) => !deviceRules.has(name)))
  if (unknown.size > 0)
    throw new Error(
      `onDevice: got ${[...unknown].join(', ')}; needs operations among ${[...deviceRules.keys()].join(', ')}`,
    )
  return names.map((name) => deviceRules.get(name) as DeviceRule)
}

const residentOf = <A, B>(scope: Scope, f: (x: A) => B, nesting: Structure, types: readonly TensorType[]): Resident => {
  let structure: Structure = { kind: 'leaf' }
  const { program: recorded } = recordValues((xs) => {
    const [leaves, nested] = flatten(f(unflatten(nesting, xs) as A))
    structure = nested
    return leaves
  }, types)
  const program = withoutDeadSteps(recorded)
  const rules = rulesFor(program)
  const constants = new Map<Atom, DeviceTensor>()
  const lastUse = new Map<number, number>()
  program.steps.forEach(({ args }, i) => {
    for (const arg of args) {
      if (!isConstant(arg)) lastUse.set(arg.id, i)
      else if (!constants.has(arg)) constants.set(arg, upload(scope, arg))
    }
  })
  for (const atom of program.outputs) if (!isConstant(atom)) lastUse.set(atom.id, program.steps.length)
  return { program, rules, constants, lastUse, structure }
}

/** Asks for all steps; what is not needed any more is freed on the way. Names that are outputs stay. */
const runOn = (scope: Scope, { program, rules, constants, lastUse }: Resident, inputs: readonly Tensor[]) =>
  within(scope, (inner) => {
    const known = new Map<number, DeviceTensor>()
    const bufferOf = (atom: Atom): DeviceTensor =>
      (isConstant(atom) ? constants.get(atom) : known.get(atom.id)) as DeviceTensor
    program.inputs.forEach(({ id, shape }: Variable, i) => {
      if (lastUse.has(id)) known.set(id, upload(inner, fromData((inputs[i] as Tensor).data, shape)))
    })
    program.steps.forEach(({ params, args, outs }, i) => {
      const [out, rule] = [outs[0] as Variable, rules[i] as DeviceRule]
      known.set(out.id, rule(inner, args.map(bufferOf), params))
      for (const name of [...args, out])
        if (!isConstant(name) && (lastUse.get(name.id) ?? i) === i) release(inner, bufferOf(name))
    })
    return program.outputs.filter((atom) => !isConstant(atom)).map(bufferOf)
  })

/**
 * The asynchronous twin of a function of trees: it is recorded at its first call, its known numbers are uploaded once
 * and stay in the scope, and each call sends its argument there and reads the results back. With `valueAndGrad(f)` it
 * is what `minimizeAsync` takes. Precision is that of the device. Fails (throws) on operations that no device has.
 *
 * @example
 * const doubled = withScope(cpu(), (scope) => onDevice(scope, (x: Value) => add(x, x))(tensor([1, 2])))
 * await doubled() // => { _tag: 'Right', right: tensor([2, 4]) }
 */
export const onDevice = <A, B>(scope: Scope, f: (x: A) => B): ((x: A) => TaskEither<DeviceError, B>) => {
  const recorded = new Map<string, Resident>()
  return (x) => async () => {
    if (currentInterpreter() !== evaluator)
      throw new Error(
        `onDevice: got a call under ${currentInterpreter().name}; needs to run outside of transformations`,
      )
    const [leaves, nesting] = flatten(x)
    const inputs = tensorsOf(leaves)
    const signature = JSON.stringify([nesting, inputs.map(({ dtype, shape }) => [dtype, shape])])
    const resident = recorded.get(signature) ?? residentOf(scope, f, nesting, inputs)
    recorded.set(signature, resident)
    const outputs = runOn(scope, resident, inputs)
    const results: Tensor[] = []
    let next = 0
    for (const atom of resident.program.outputs) {
      if (isConstant(atom)) {
        results.push(atom)
        continue
      }
      const found = await read(outputs[next++] as DeviceTensor)()
      if (E.isLeft(found)) {
        release(scope, ...outputs)
        return found
      }
      results.push(found.right)
    }
    release(scope, ...outputs)
    return E.right(unflatten(resident.structure, results) as B)
  }
}

const tensorsOf = (leaves: Values): readonly Tensor[] =>
  leaves.map((leaf) => {
    if (isTracer(leaf)) throw new Error('onDevice: got a traced value; needs numbers')
    return leaf
  })
