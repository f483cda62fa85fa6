/**
 * Calls of functions of single numbers as calls of kernels: the sine and the cosine of the same argument are one, and so are two
 * calls of another function that do not wait for each other.
 */
import {
  type Code,
  cos,
  exp,
  expm1,
  f64x2,
  type LaneFunction,
  local,
  log,
  log1p,
  sin,
  sinCos,
  tanhOne,
} from '@secant/linalg/wasm'
import type { Callable, Expression } from './expression.ts'
import { groupedBy } from './statement.ts'

export type Call = Extract<Expression, { readonly kind: 'call' }>

type F64 = Code<'f64'>

const inLanes: ReadonlyMap<Callable, LaneFunction> = new Map<Callable, LaneFunction>([
  [Math.exp, exp],
  [Math.expm1, expm1],
  [Math.log, log],
  [Math.log1p, log1p],
  [Math.sin, sin],
  [Math.cos, cos],
])
const turns: readonly Callable[] = [Math.sin, Math.cos]

const argumentOf = ({ args }: Call): Expression => args[0] as Expression

export const hasKernel = (f: Callable): boolean => inLanes.has(f) || f === Math.tanh

/**
 * How much kernels save, in calls of tanh one after another: a cosine beside the sine of the same value takes a quarter of one less, and
 * functions of other values gain little.
 */
export const savedBy = (calls: readonly Call[]): number => {
  const angles = calls.filter(({ f }) => turns.includes(f)).map(argumentOf)
  return calls.filter(({ f }) => f === Math.tanh).length + (angles.length - new Set(angles).size) / 4
}

/** What some calls that do not wait for each other come to: statements, then a value for each. */
export const called = (
  calls: readonly Call[],
  numberOf: (e: Expression) => F64,
): { readonly before: readonly Code<'none'>[]; readonly values: ReadonlyMap<Call, F64> } => {
  const before: Code<'none'>[] = []
  const values = new Map<Call, F64>()
  const inLanesOf = (code: Code<'v128'>, lanes: readonly (readonly [Call, number])[]): void => {
    const result = local('v128')
    before.push(result.set(code))
    for (const [call, lane] of lanes) values.set(call, f64x2.extract(result, lane))
  }
  const turned = (list: readonly Call[]): void =>
    inLanesOf(
      sinCos.call({ x: numberOf(argumentOf(list[0] as Call)) }),
      list.map((call) => [call, turns.indexOf(call.f)]),
    )

  const angles = groupedBy(
    calls.filter(({ f }) => turns.includes(f)),
    (call) => String(argumentOf(call).id),
  )
  const beside = new Set([...angles.values()].filter((list) => list.length > 1).flat())
  for (const list of angles.values()) if (list.length > 1) turned(list)
  for (const call of calls) if (call.f === Math.tanh) values.set(call, tanhOne.call({ x: numberOf(argumentOf(call)) }))

  for (const [f, kernel] of inLanes) {
    const list = calls.filter((call) => call.f === f && !beside.has(call))
    for (let i = 0; i < list.length; i += 2) {
      const [first, second] = list.slice(i, i + 2) as [Call, Call?]
      if (second === undefined && turns.includes(f)) {
        turned([first])
        continue
      }
      const x = f64x2.splat(numberOf(argumentOf(first)))
      if (second === undefined) inLanesOf(kernel.call({ x }), [[first, 0]])
      else
        inLanesOf(kernel.call({ x: f64x2.replace(x, 1, numberOf(argumentOf(second))) }), [
          [first, 0],
          [second, 1],
        ])
    }
  }
  return { before, values }
}
