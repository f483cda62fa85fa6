/** Plans carried out: launches in order, loops and branches on the host. */
import { type Shape, sizeOf, type Tensor } from '@secant/linalg'
import {
  type DeviceError,
  type DeviceTensor,
  entriesFrom,
  matmul,
  read,
  release,
  reshape,
  runLoop,
  type Scope,
  upload,
} from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import { joined } from './join.ts'
import { type ControlStep, keptShape, type Plan, type ProductStep } from './plan.ts'

/** A plan whose known numbers lie on a device, and those of the plans inside. */
export interface Resident {
  readonly plan: Plan
  readonly constants: ReadonlyMap<number, DeviceTensor>
  readonly inner: ReadonlyMap<ControlStep, readonly Resident[]>
}

type Answer = Promise<E.Either<DeviceError, readonly DeviceTensor[]>>

export const residentOf = (scope: Scope, plan: Plan): Resident => ({
  plan,
  constants: new Map([...plan.constants].map(([id, tensor]) => [id, uploaded(scope, tensor, tensor.shape)])),
  inner: new Map(
    plan.steps.flatMap((step) =>
      step.kind === 'control' ? [[step, step.inner.map((own) => residentOf(scope, own))] as const] : [],
    ),
  ),
})

/** A tensor as plans keep it. */
export const uploaded = (scope: Scope, { data, dtype }: Tensor, shape: Shape): DeviceTensor =>
  upload(scope, { dtype, data, shape: keptShape(shape) } as Tensor)

/** The same value as a tensor of another shape, kept in the same rows and columns. */
const viewed = (value: DeviceTensor, shape: Shape): DeviceTensor => ({ ...value, shape })

/** What `body` does in a scope of its own, of which nothing is left. */
export const during = async <A>({ device }: Scope, body: (own: Scope) => Promise<A>): Promise<A> => {
  const own: Scope = { device, values: new Set() }
  try {
    return await body(own)
  } finally {
    release(own, ...own.values)
  }
}

/** What `body` makes in a scope of its own; all but its results is freed. */
const inside = (scope: Scope, body: (own: Scope) => Answer): Answer =>
  during(scope, async (own) => {
    const found = await body(own)
    if (E.isRight(found)) for (const value of found.right) if (own.values.delete(value)) scope.values.add(value)
    return found
  })

const product = (scope: Scope, { factors }: ProductStep, known: ReadonlyMap<number, DeviceTensor>): DeviceTensor => {
  const [a, b] = factors.map(({ id, shape }) => viewed(known.get(id) as DeviceTensor, shape))
  const [{ transposed: transposeA }, { transposed: transposeB }] = factors
  return matmul(scope, a as DeviceTensor, b as DeviceTensor, { transposeA, transposeB })
}

/** The outputs of a plan; those that are inputs or known numbers, as they are. */
export const runPlan = (scope: Scope, { plan, constants, inner }: Resident, inputs: readonly DeviceTensor[]): Answer =>
  inside(scope, async (own) => {
    const known = new Map(constants)
    plan.inputs.forEach(({ id }, i) => void known.set(id, inputs[i] as DeviceTensor))
    for (const [i, step] of plan.steps.entries()) {
      if (step.kind === 'loop')
        known.set(
          step.out,
          runLoop(
            own,
            step.loop,
            step.args.map((id) => known.get(id) as DeviceTensor),
          ),
        )
      else if (step.kind === 'product') known.set(step.out, product(own, step, known))
      else {
        const args = step.args.map(({ id, shape }) => viewed(known.get(id) as DeviceTensor, shape))
        const found = await inside(own, (scoped) => runControl(scoped, step, inner.get(step) ?? [], args))
        if (E.isLeft(found)) return found
        step.outs.forEach((id, k) => void known.set(id, found.right[k] as DeviceTensor))
      }
      for (const id of plan.done[i] ?? []) {
        const value = known.get(id)
        if (value !== undefined) release(own, value)
      }
    }
    return E.right(plan.outputs.map((id) => known.get(id) as DeviceTensor))
  })

/** Results of their own: no argument, and none twice. */
const owned = (scope: Scope, values: readonly DeviceTensor[]): readonly DeviceTensor[] => {
  const seen = new Set<DeviceTensor>()
  return values.map((value) => {
    const isOwn = scope.values.has(value) && !seen.has(value)
    seen.add(value)
    return isOwn ? value : reshape(scope, viewed(value, keptShape(value.shape)), keptShape(value.shape))
  })
}

const runControl = async (
  scope: Scope,
  { control }: ControlStep,
  plans: readonly Resident[],
  args: readonly DeviceTensor[],
): Answer => {
  const [first, second] = plans as readonly [Resident, Resident]
  const found = await (control.kind === 'repeat'
    ? repeated(scope, control, first, args)
    : control.kind === 'while'
      ? whileTrue(scope, control, first, second, args)
      : chosen(scope, plans, args))
  return E.map((values: readonly DeviceTensor[]) => owned(scope, values))(found)
}

/** Frees what went through a loop and is not needed for the next turn. */
const forget = (scope: Scope, before: readonly DeviceTensor[], kept: ReadonlySet<DeviceTensor>): void =>
  release(scope, ...before.filter((value) => !kept.has(value)))

const repeated = async (
  scope: Scope,
  { consts, carry: carried, length, reverse }: Extract<ControlStep['control'], { readonly kind: 'repeat' }>,
  body: Resident,
  args: readonly DeviceTensor[],
): Answer => {
  const rows = args.slice(consts + carried)
  const types = body.plan.inputs.slice(consts + carried).map(({ shape }) => keptShape(shape))
  const collected = body.plan.outputs.slice(carried).map(() => [] as DeviceTensor[])
  const results = new Set<DeviceTensor>()
  let carry: readonly DeviceTensor[] = args.slice(consts, consts + carried)
  for (let k = 0; k < length; k++) {
    const at = reverse ? length - 1 - k : k
    const before = carry
    const found = await inside(scope, (own) => {
      const row = rows.map((value, i) => {
        const shape = types[i] as Shape
        return entriesFrom(own, value, at * sizeOf(shape), shape)
      })
      return runPlan(own, body, [...args.slice(0, consts), ...before, ...row])
    })
    if (E.isLeft(found)) return found
    carry = found.right.slice(0, carried)
    found.right.slice(carried).forEach((value, i) => {
      results.add(value)
      collected[i]?.push(value)
    })
    forget(scope, before, new Set([...carry, ...results]))
  }
  const wholes = collected.map((list) => {
    const { shape } = list[0] as DeviceTensor
    const parts = list.map((each) => ({ value: each, length: 1 }))
    return joined(scope, reverse ? parts.toReversed() : parts, keptShape(shape))
  })
  return E.right([...carry, ...wholes])
}

/** The number that a value is, on the host. */
const numberOf = async (value: DeviceTensor): Promise<E.Either<DeviceError, number>> =>
  E.map(({ data }: Tensor) => data[0] as number)(await read(value)())

const whileTrue = async (
  scope: Scope,
  { conditionConsts, bodyConsts }: Extract<ControlStep['control'], { readonly kind: 'while' }>,
  condition: Resident,
  body: Resident,
  args: readonly DeviceTensor[],
): Answer => {
  const [ofCondition, ofBody] = [
    args.slice(0, conditionConsts),
    args.slice(conditionConsts, conditionConsts + bodyConsts),
  ]
  let carry: readonly DeviceTensor[] = args.slice(conditionConsts + bodyConsts)
  for (;;) {
    const goesOn = await numberIn(scope, condition, [...ofCondition, ...carry])
    if (E.isLeft(goesOn)) return goesOn
    if (goesOn.right === 0) return E.right(carry)
    const found = await runPlan(scope, body, [...ofBody, ...carry])
    if (E.isLeft(found)) return found
    forget(scope, carry, new Set(found.right))
    carry = found.right
  }
}

/** The number that a plan answers with. */
const numberIn = (
  scope: Scope,
  plan: Resident,
  args: readonly DeviceTensor[],
): Promise<E.Either<DeviceError, number>> =>
  during(scope, async (own) => {
    const found = await runPlan(own, plan, args)
    return E.isLeft(found) ? found : await numberOf(found.right[0] as DeviceTensor)
  })

const chosen = async (scope: Scope, plans: readonly Resident[], [index, ...args]: readonly DeviceTensor[]): Answer => {
  const found = await numberOf(index as DeviceTensor)
  if (E.isLeft(found)) return found
  const nearest = Math.min(Math.max(Math.trunc(found.right) || 0, 0), plans.length - 1)
  return runPlan(scope, plans[nearest] as Resident, args)
}
