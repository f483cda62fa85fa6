import { fromData, isTensor, type Tensor } from '@secant/linalg'
import { type DeviceError, type DeviceTensor, read, release, type Scope, upload, within } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { withoutDeadSteps } from '../dead-steps.ts'
import type { Atom, Program, Variable } from '../record.ts'
import { type DeviceRule, deviceRules } from './rules.ts'
import { type Prepare, twinBy } from './twin.ts'

/** A program whose numbers that are known lie on a device. */
interface Resident {
  readonly program: Program
  /** What each step means there. */
  readonly rules: readonly DeviceRule[]
  readonly constants: ReadonlyMap<Atom, DeviceTensor>
  /** After which step a name is not read any more. */
  readonly lastUse: ReadonlyMap<number, number>
}

const isConstant = (atom: Atom): atom is Tensor => isTensor(atom)

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

const residentOf = (scope: Scope, recorded: Program): Resident => {
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
  return { program, rules, constants, lastUse }
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

const stepByStep: Prepare = (scope, program) => {
  const resident = residentOf(scope, program)
  return (inputs) => async () => {
    const outputs = runOn(scope, resident, inputs)
    const results: Tensor[] = []
    for (const output of outputs) {
      const found = await read(output)()
      if (E.isLeft(found)) {
        release(scope, ...outputs)
        return found
      }
      results.push(found.right)
    }
    release(scope, ...outputs)
    return E.right(results)
  }
}

/**
 * The asynchronous twin of a function of trees: it is recorded at its first call, its known numbers are uploaded once
 * and stay in the scope, and each call sends its argument there and reads the results back. With `valueAndGrad(f)` it
 * is what `minimizeAsync` takes. Precision is that of the device. Each operation is a launch; `onDevice` of
 * `@secant/compile/device` takes fewer, and knows more operations. Fails (throws) on operations that no device has.
 *
 * @example
 * const doubled = withScope(cpu(), (scope) => onDevice(scope, (x: Value) => add(x, x))(tensor([1, 2])))
 * await doubled() // => { _tag: 'Right', right: tensor([2, 4]) }
 */
export const onDevice: <A, B>(scope: Scope, f: (x: A) => B) => (x: A) => TaskEither<DeviceError, B> = twinBy(stepByStep)
