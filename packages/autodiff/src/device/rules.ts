/** What operations mean on a device: each in terms of the device's own. */
import { type Shape, showShape } from '@secant/linalg'
import type { DeviceTensor, Elementwise, Scope } from '@secant/linalg/gpu'
import * as on from '@secant/linalg/gpu'

/** An operation with one result, asked for in a scope. */
export type DeviceRule = (scope: Scope, args: readonly DeviceTensor[], params: unknown) => DeviceTensor

const argument = (args: readonly DeviceTensor[], i: number): DeviceTensor => args[i] as DeviceTensor

const entrywise =
  (f: Elementwise): DeviceRule =>
  (scope, args) =>
    on.zip(scope, f, ...args)

interface Over {
  readonly axes: readonly number[]
}

const over =
  (reduce: (scope: Scope, x: DeviceTensor, axes: readonly number[]) => DeviceTensor): DeviceRule =>
  (scope, args, params) =>
    reduce(scope, argument(args, 0), (params as Over).axes)

const copy: DeviceRule = (scope, args) => on.reshape(scope, argument(args, 0), argument(args, 0).shape)

/** For each entry its share in the extreme value, as in the operation of that name. */
const extremeShare: DeviceRule = (scope, args, params) => {
  const [x, { axes }] = [argument(args, 0), params as Over]
  return on.within(scope, (inner) => {
    const tied = on.zip(inner, on.equal, x, on.broadcast(inner, argument(args, 1), x.shape, axes))
    return on.zip(inner, on.div, tied, on.broadcast(inner, on.sum(inner, tied, axes), x.shape, axes))
  })
}

const slice: DeviceRule = (scope, args, params) => {
  const { starts, stops, steps } = params as Readonly<Record<'starts' | 'stops' | 'steps', readonly number[]>>
  if (steps.some((step) => step !== 1)) throw new Error(`onDevice: got slice by ${showShape(steps)}; needs steps of 1`)
  return on.slice(scope, argument(args, 0), starts, stops)
}

const pairs = { add: on.add, sub: on.sub, mul: on.mul, div: on.div, scale: on.scale, scaleDown: on.scaleDown }
const choices = { maximum: on.maximum, minimum: on.minimum, share: on.share, where: on.where, finite: on.finite }
const tests = {
  greater: on.greater,
  greaterEqual: on.greaterEqual,
  less: on.less,
  lessEqual: on.lessEqual,
  equal: on.equal,
  notEqual: on.notEqual,
}
const functions = {
  neg: on.neg,
  abs: on.abs,
  sign: on.sign,
  square: on.square,
  reciprocal: on.reciprocal,
  sqrt: on.sqrt,
  exp: on.exp,
  log: on.log,
  tanh: on.tanh,
  sigmoid: on.sigmoid,
  softplus: on.softplus,
}

/** By the name of the primitive. */
export const deviceRules: ReadonlyMap<string, DeviceRule> = new Map<string, DeviceRule>([
  ...Object.entries({ ...pairs, ...choices, ...tests, ...functions }).map(([name, f]) => [name, entrywise(f)] as const),
  ['matmul', (scope, [a, b], params) => on.matmul(scope, a as DeviceTensor, b as DeviceTensor, params as object)],
  ['dot', (scope, [x, y]) => on.dot(scope, x as DeviceTensor, y as DeviceTensor)],
  ['sum', over(on.sum)],
  ['max', over(on.max)],
  ['min', over(on.min)],
  ['extremeShare', extremeShare],
  ['stopGradient', copy],
  ['cast', copy],
  ['reshape', (scope, args, params) => on.reshape(scope, argument(args, 0), (params as { shape: Shape }).shape)],
  [
    'transpose',
    (scope, args, params) => on.transpose(scope, argument(args, 0), (params as { permutation: Shape }).permutation),
  ],
  [
    'broadcast',
    (scope, args, params) => {
      const { shape, axes } = params as Over & { readonly shape: Shape }
      return on.broadcast(scope, argument(args, 0), shape, axes)
    },
  ],
  ['slice', slice],
])
