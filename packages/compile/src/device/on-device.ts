import type { Program } from '@secant/autodiff'
import { type Prepare, twinBy } from '@secant/autodiff/device'
import { allocate, fromData, isTensor, sizeOf, type Tensor, type TensorType } from '@secant/linalg'
import { type DeviceError, type DeviceTensor, read, type Scope } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { deviceFunctions } from './functions.ts'
import { joined } from './join.ts'
import { planOf } from './plan.ts'
import { during, type Resident, residentOf, runPlan, uploaded } from './run.ts'
import { unknownIn } from './unknown.ts'

/** More entries than this are brought back value by value. */
const mostTogether = 2 ** 20

/** Values on the host: all of them by one readback if they are not large. */
const broughtBack = async (
  scope: Scope,
  values: readonly DeviceTensor[],
  types: readonly TensorType[],
): Promise<E.Either<DeviceError, readonly Tensor[]>> => {
  const sizes = types.map(({ shape }) => sizeOf(shape))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const isTogether = values.length > 1 && total <= mostTogether
  const reading = isTogether
    ? [
        joined(
          scope,
          values.map((value, i) => ({ value, length: sizes[i] as number })),
          [],
        ),
      ]
    : values
  const lists: ArrayLike<number>[] = []
  for (const value of reading) {
    const found = await read(value)()
    if (E.isLeft(found)) return found
    lists.push(found.right.data)
  }
  let from = 0
  const results = types.map((type, i) => {
    const start = isTogether ? from : 0
    from += sizes[i] as number
    return typed(lists[isTogether ? 0 : i] as ArrayLike<number>, start, type)
  })
  return E.right(results)
}

const typed = (list: ArrayLike<number>, from: number, { dtype, shape }: TensorType): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = list[from + i] as number
  return fromData(data, shape)
}

/** One call: inputs are sent, launches follow each other, and results come back at the end. */
const called = (
  scope: Scope,
  resident: Resident,
  inputs: readonly Tensor[],
  types: readonly TensorType[],
): Promise<E.Either<DeviceError, readonly Tensor[]>> =>
  during(scope, async (own) => {
    const sent = resident.plan.inputs.map(({ shape }, i) => uploaded(own, inputs[i] as Tensor, shape))
    const found = await runPlan(own, resident, sent)
    return E.isLeft(found) ? found : await broughtBack(own, found.right, types)
  })

const fused: Prepare = (scope, program) => {
  const unknown = unknownIn(program)
  if (unknown.length > 0)
    throw new Error(
      `onDevice: got ${unknown.join(', ')}; needs operations that state a lowering of arithmetic and ${[...deviceFunctions.values()].map(({ name }) => name).join(', ')}`,
    )
  const outputs = program.outputs.filter((atom) => !isTensor(atom))
  const computed: Program = { ...program, outputs }
  const resident = residentOf(scope, planOf(computed))
  return (inputs) => () => called(scope, resident, inputs, outputs)
}

/**
 * The asynchronous twin of a function of trees, like `onDevice` of `@secant/autodiff/device`, in few launches: the
 * function is recorded at its first call and simplified, and each of its loops is one kernel. Its known numbers are
 * uploaded once and stay in the scope; in a call, inputs are sent, and results come back together at the end. `scan`
 * and `checkpoint` are loops on the host over values on the device; `whileLoop`, `cond` and `switchCase` bring back one
 * number each time they decide. Precision is that of the device. Fails (throws) on operations that no device has, all
 * of them named.
 *
 * @example
 * const slope = withScope(cpu(), (scope) => onDevice(scope, grad((x: Value) => sum(sin(x))))(tensor([0, 0])))
 * await slope() // => { _tag: 'Right', right: tensor([1, 1]) }
 */
export const onDevice: <A, B>(scope: Scope, f: (x: A) => B) => (x: A) => TaskEither<DeviceError, B> = twinBy(fused)
