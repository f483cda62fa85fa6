/**
 * A program as one step. Its derivatives are such steps too and compute the program again, so that between the two
 * sweeps of reverse mode nothing is kept but the arguments. A compiler finds it by `isStepOf(step, checkpointPrimitive)`;
 * it may run the program in place, but must not share its intermediate values with those of the derivative.
 */
import { isFloat, type Tensor, type TensorType } from '@secant/linalg'
import { bind, type Primitive, type Tangents } from '../core.ts'
import { evaluate, type Program } from '../record.ts'
import { batchProgram, cotangentProgram, type Derived, tangentProgram } from './derived-program.ts'
import { given, none, present, unpick } from './flags.ts'
import { sameType, showType } from './leaves.ts'

export interface CheckpointParams {
  readonly program: Program
}

export const checkpointPrimitive: Primitive<CheckpointParams> = {
  name: 'checkpoint',
  typeOf: (args, { program: { inputs, outputs } }) => {
    if (args.length !== inputs.length || !args.every((arg, i) => sameType(arg, inputs[i] as TensorType)))
      throw new Error(`checkpoint: got ${args.map(showType).join(', ')}; needs ${inputs.map(showType).join(', ')}`)
    return outputs
  },
  impl: (args, { program }) => evaluate(program)(args) as readonly Tensor[],
  linearize: (args, { program }, active) => {
    const followed = active.map((flag, i) => flag && isFloat(args[i] as TensorType))
    const run = (directions: Tangents, derived: Derived): Tangents =>
      unpick(derived.present, bind(checkpointPrimitive, [...args, ...given(directions)], { program: derived.program }))
    return [
      bind(checkpointPrimitive, args, { program }),
      {
        apply: (v) => run(v, tangentProgram(program, present(v), none(program.outputs))),
        adjoint: (w) => run(w, cotangentProgram(program, followed, present(w), none(program.inputs))),
      },
    ]
  },
  batch: (args, batched, { program }, count) =>
    bind(checkpointPrimitive, args, {
      program: batchProgram(
        program,
        batched,
        count,
        program.outputs.map(() => true),
      ),
    }),
}
