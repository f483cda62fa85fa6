/**
 * One of several programs, chosen by a number. Arguments are `[selector, ...operands]`, the selector a scalar: `bool`
 * (0 or 1) or `int32`, held to the branches there are; all branches are programs `operands → results` of equal types.
 * Only the chosen one runs. Its derivatives are again a choice between programs, except where the number is known
 * already: then the chosen branch is differentiated and no other is looked at.
 * A compiler finds it by `isStepOf(step, switchPrimitive)` and has all there is in its `SwitchParams`.
 */
import { isFloat, type LinearMap, scalar, type Tensor, type TensorType } from '@secant/linalg'
import { bind, type Primitive, type Tangents, type Value, type Values } from '../core.ts'
import { equal, lessEqual, where } from '../ops/compare.ts'
import { reshape } from '../ops/structure.ts'
import { tensorBehind } from '../read.ts'
import { evaluate, type Program } from '../record.ts'
import {
  batchProgram,
  cotangentProgram,
  type Derived,
  linearizeProgram,
  repeated,
  tangentProgram,
} from './derived-program.ts'
import { type Flags, given, none, present, unpick } from './flags.ts'
import { sameType, showType } from './leaves.ts'
import { reached } from './program.ts'

export interface SwitchParams {
  readonly branches: readonly Program[]
}

/** The branch that a selector means: the nearest one there is. */
const chosen = ({ data }: Tensor, { branches }: SwitchParams): Program =>
  branches[Math.min(Math.max(data[0] as number, 0), branches.length - 1)] as Program

/** For each branch a derived program; all return the same directions, zeros where one of them has none. */
const alike = (
  branches: readonly Program[],
  derive: (branch: Program, forced: Flags) => Derived,
  space: Flags,
): readonly [readonly Program[], Flags] => {
  const alone = branches.map((branch) => derive(branch, space))
  const found = space.map((_, i) => alone.some((one) => one.present[i]))
  const agree = alone.every((one) => one.present.every((flag, i) => flag === found[i]))
  return [agree ? alone.map(({ program }) => program) : branches.map((branch) => derive(branch, found).program), found]
}

const linearize = (args: Values, params: SwitchParams, active: Flags): readonly [Values, LinearMap<Tangents>] => {
  const [selector, ...operands] = args as [Value, ...Value[]]
  const followed = active.slice(1).map((flag, i) => flag && isFloat(operands[i] as Value))
  const known = tensorBehind(selector)
  if (known !== undefined) {
    const [outs, map] = linearizeProgram(chosen(known, params), operands, followed)
    return [
      outs,
      {
        apply: ([, ...tangents]) => map.apply(tangents),
        adjoint: (cotangents) => [undefined, ...map.adjoint(cotangents)],
      },
    ]
  }
  const { branches } = params
  const [first] = branches as readonly [Program]
  const choose = (directions: Tangents, [programs, found]: readonly [readonly Program[], Flags]): Tangents =>
    unpick(found, bind(switchPrimitive, [selector, ...operands, ...given(directions)], { branches: programs }))
  return [
    bind(switchPrimitive, args, params),
    {
      apply: ([, ...tangents]) =>
        choose(
          tangents,
          alike(branches, (branch, forced) => tangentProgram(branch, present(tangents), forced), none(first.outputs)),
        ),
      adjoint: (cotangents) => [
        undefined,
        ...choose(
          cotangents,
          alike(
            branches,
            (branch, forced) => cotangentProgram(branch, followed, present(cotangents), forced),
            none(operands),
          ),
        ),
      ],
    },
  ]
}

/** With a selector of their own, members take their part of every branch; one for all still chooses. */
const batch = (args: Values, batched: Flags, { branches }: SwitchParams, count: number): Values => {
  const [selector, ...operands] = args as [Value, ...Value[]]
  const varies = batched.slice(1)
  const outputs = (branches[0] as Program).outputs.map(
    (_, i) => (batched[0] as boolean) || branches.some((branch) => reached(branch, varies)[i]),
  )
  const programs = branches.map((branch) => batchProgram(branch, varies, count, outputs))
  if (!batched[0]) {
    const outs = bind(switchPrimitive, args, { branches: programs })
    return outs.map((out, i) => (outputs[i] ? out : repeated(out, count)))
  }
  const results = programs.map((program) => evaluate(program)(operands))
  const isBranch = (k: number): Value => (k === 0 ? lessEqual : equal)(selector, scalar(k, selector.dtype))
  return outputs.map((_, i) => {
    const outs = results.map((values) => values[i] as Value)
    const last = outs.at(-1) as Value
    const mask = (k: number): Value => reshape(isBranch(k), [count, ...last.shape.slice(1).map(() => 1)])
    return outs.slice(0, -1).reduceRight((rest, out, k) => where(mask(k), out, rest), last)
  })
}

export const switchPrimitive: Primitive<SwitchParams> = {
  name: 'switch',
  typeOf: ([selector, ...operands], { branches }) => {
    const [{ inputs, outputs }] = branches as readonly [Program]
    const kind = selector as TensorType
    if ((kind.dtype !== 'bool' && kind.dtype !== 'int32') || kind.shape.length !== 0)
      throw new Error(`switch: got a selector of ${showType(kind)}; needs a scalar, bool or int32`)
    if (operands.length !== inputs.length || !operands.every((type, i) => sameType(type, inputs[i] as TensorType)))
      throw new Error(`switch: got ${operands.map(showType).join(', ')}; needs ${inputs.map(showType).join(', ')}`)
    return outputs
  },
  impl: ([selector, ...operands], params) =>
    evaluate(chosen(selector as Tensor, params))(operands) as readonly Tensor[],
  linearize,
  batch,
}
