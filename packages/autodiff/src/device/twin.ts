import { fromData, isTensor, type Tensor, type TensorType } from '@secant/linalg'
import type { DeviceError, Scope } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { currentInterpreter, evaluator, isTracer, type Values } from '../core.ts'
import { type Program, recordValues } from '../record.ts'
import { flatten, type Structure, unflatten } from '../tree.ts'

/** A program made ready on a device: from inputs on the host to the outputs that are not known numbers, in order. */
export type Ready = (inputs: readonly Tensor[]) => TaskEither<DeviceError, readonly Tensor[]>

/** How programs are carried out in a scope. Fails (throws) on operations that have no way there. */
export type Prepare = (scope: Scope, program: Program) => Ready

interface Recorded {
  readonly ready: Ready
  readonly outputs: Program['outputs']
  readonly structure: Structure
}

const recordedFor = <A, B>(
  prepare: Prepare,
  scope: Scope,
  f: (x: A) => B,
  nesting: Structure,
  types: readonly TensorType[],
): Recorded => {
  let structure: Structure = { kind: 'leaf' }
  const { program } = recordValues((xs) => {
    const [leaves, nested] = flatten(f(unflatten(nesting, xs) as A))
    structure = nested
    return leaves
  }, types)
  return { ready: prepare(scope, program), outputs: program.outputs, structure }
}

/** The asynchronous twin of functions of trees by a way of carrying out programs. */
export const twinBy =
  (prepare: Prepare) =>
  <A, B>(scope: Scope, f: (x: A) => B): ((x: A) => TaskEither<DeviceError, B>) => {
    const known = new Map<string, Recorded>()
    return (x) => async () => {
      if (currentInterpreter() !== evaluator)
        throw new Error(
          `onDevice: got a call under ${currentInterpreter().name}; needs to run outside of transformations`,
        )
      const [leaves, nesting] = flatten(x)
      const inputs = tensorsOf(leaves)
      const signature = JSON.stringify([nesting, inputs.map(({ dtype, shape }) => [dtype, shape])])
      const recorded = known.get(signature) ?? recordedFor(prepare, scope, f, nesting, inputs)
      known.set(signature, recorded)
      const found = await recorded.ready(inputs)()
      if (E.isLeft(found)) return found
      let next = 0
      const results = recorded.outputs.map((atom) =>
        isTensor(atom) ? atom : fromData((found.right[next++] as Tensor).data, atom.shape),
      )
      return E.right(unflatten(recorded.structure, results) as B)
    }
  }

const tensorsOf = (leaves: Values): readonly Tensor[] =>
  leaves.map((leaf) => {
    if (isTracer(leaf)) throw new Error('onDevice: got a traced value; needs numbers')
    return leaf
  })
