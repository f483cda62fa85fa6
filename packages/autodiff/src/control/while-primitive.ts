/**
 * The loop of an unknown number of steps. Arguments are `[...consts of the condition, ...consts of the body, ...carry]`;
 * `condition` is a program `[...its consts, ...carry] → bool scalar`, `body` a program `[...its consts, ...carry] →
 * carry`. Its forward derivative is again such a loop; there is no reverse one, since nothing of fixed size could hold
 * what it would need. A compiler finds it by `isStepOf(step, whilePrimitive)` and has all there is in its `WhileParams`.
 */
import type { LinearMap, Tensor, TensorType } from '@secant/linalg'
import { bind, type Primitive, type Tangents, type Value, type Values } from '../core.ts'
import { where } from '../ops/compare.ts'
import { any } from '../ops/reduce.ts'
import { reshape } from '../ops/structure.ts'
import { evaluate, type Program } from '../record.ts'
import { batchProgram, repeated, settled, tangentProgram } from './derived-program.ts'
import { type Flags, given, pickWritten, present, splitAt, unpick } from './flags.ts'
import { sameType, showType } from './leaves.ts'
import { closed, programOf, reached } from './program.ts'

export interface WhileParams {
  readonly condition: Program
  readonly body: Program
  /** How many inputs of the condition are the same before every step. */
  readonly conditionConsts: number
  /** How many inputs of the body are the same in every step. */
  readonly bodyConsts: number
}

type Sections<A> = readonly [conditionConsts: readonly A[], bodyConsts: readonly A[], carry: readonly A[]]

const sections = <A>(
  list: readonly A[],
  { conditionConsts: c, bodyConsts: b }: Pick<WhileParams, 'conditionConsts' | 'bodyConsts'>,
): Sections<A> => [list.slice(0, c), list.slice(c, c + b), list.slice(c + b)]

const linearize = (args: Values, params: WhileParams): readonly [Values, LinearMap<Tangents>] => {
  const { condition, body } = params
  const [forCondition, consts, init] = sections(args, params)
  /** The loop once more, beside its carry the directions that move with it. */
  const apply = (tangents: Tangents): Tangents => {
    const [, ofConsts, ofInit] = sections(tangents, params)
    const [moving, { program }] = settled(
      present(ofInit),
      (moving) => tangentProgram(body, [...present(ofConsts), ...moving], moving),
      (found) => found,
    )
    const directions = pickWritten(ofInit, moving, init)
    const allConsts = [...consts, ...given(ofConsts)]
    const carry = [...init, ...directions]
    const step = (xs: Values): Values => {
      const [fixed, state] = splitAt(xs, allConsts.length)
      const [c, vConsts] = splitAt(fixed, consts.length)
      const [x, v] = splitAt(state, init.length)
      return [...evaluate(body)([...c, ...x]), ...evaluate(program)([...c, ...x, ...vConsts, ...v])]
    }
    const outs = bind(whilePrimitive, [...forCondition, ...allConsts, ...carry], {
      condition: programOf(
        (xs) => evaluate(condition)(xs.slice(0, condition.inputs.length)),
        [...forCondition, ...carry],
      ),
      body: programOf(step, [...allConsts, ...carry]),
      conditionConsts: forCondition.length,
      bodyConsts: allConsts.length,
    })
    return unpick(moving, outs.slice(init.length))
  }
  const adjoint = (): never => {
    throw new Error(
      'whileLoop: got a reverse derivative; needs forward mode, or boundedWhile or scan, whose steps are counted',
    )
  }
  return [bind(whilePrimitive, args, params), { apply, adjoint }]
}

/** Where each member has a condition of its own, steps go on until all are done; those that are keep their carry. */
const batch = (args: Values, batched: Flags, params: WhileParams, count: number): Values => {
  const { condition, body } = params
  const [forCondition, consts, init] = sections(args, params)
  const [inCondition, inConsts, inInit] = sections(batched, params)
  const follow = (flags: Flags): Flags => reached(body, [...inConsts, ...flags])
  const alone = closed(inInit, follow)
  const single = !reached(condition, [...inCondition, ...alone])[0]
  const inCarry = single ? alone : init.map(() => true)
  const carry = init.map((x, i) => (inCarry[i] && !inInit[i] ? repeated(x, count) : x))
  const conditions = batchProgram(condition, [...inCondition, ...inCarry], count, [!single])
  const bodies = batchProgram(body, [...inConsts, ...inCarry], count, inCarry)
  if (single) {
    const outs = bind(whilePrimitive, [...forCondition, ...consts, ...carry], {
      ...params,
      condition: conditions,
      body: bodies,
    })
    return outs.map((out, i) => (inCarry[i] ? out : repeated(out, count)))
  }
  // The carry begins with who goes on; the constants of the condition are then the body's.
  const goesOn = (fixed: Values, state: Values): Value => evaluate(conditions)([...fixed, ...state])[0] as Value
  const step = (xs: Values): Values => {
    const [c, b, going] = sections(xs, params)
    const [mask, ...state] = going as readonly [Value, ...Value[]]
    const next = evaluate(bodies)([...b, ...state]).map((x, i) => {
      const held = state[i] as Value
      return where(reshape(mask, [count, ...held.shape.slice(1).map(() => 1)]), x, held)
    })
    return [goesOn(c, next), ...next]
  }
  const mask = goesOn(forCondition, carry)
  const all = [...forCondition, ...consts, mask, ...carry]
  const outs = bind(whilePrimitive, all, {
    condition: programOf(([going]) => [any(going as Value)], [mask, ...carry]),
    body: programOf(step, all),
    conditionConsts: 0,
    bodyConsts: forCondition.length + consts.length,
  })
  return outs.slice(1)
}

export const whilePrimitive: Primitive<WhileParams> = {
  name: 'while',
  typeOf: (args, params) => {
    const [c, b, carry] = sections(args, params)
    const given = [...c, ...carry, ...b, ...carry]
    const needed = [...params.condition.inputs, ...params.body.inputs]
    if (given.length !== needed.length || !given.every((arg, i) => sameType(arg, needed[i] as TensorType)))
      throw new Error(`while: got ${given.map(showType).join(', ')}; needs ${needed.map(showType).join(', ')}`)
    return params.body.outputs
  },
  impl: (args, params) => {
    const [forCondition, consts, init] = sections(args, params)
    const [goesOn, next] = [evaluate(params.condition), evaluate(params.body)]
    let state: Values = init
    while ((goesOn([...forCondition, ...state])[0] as Tensor).data[0] !== 0) state = next([...consts, ...state])
    return state as readonly Tensor[]
  },
  linearize,
  batch,
}
