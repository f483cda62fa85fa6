/** What operations and functions of entries are on a device. */
import { power } from '@secant/linalg'
import type { Elementwise } from '@secant/linalg/gpu'
import * as on from '@secant/linalg/gpu'
import type { Callable, Operation } from '../expression.ts'

export const deviceOperations: Readonly<Record<Operation, Elementwise>> = {
  add: on.add,
  sub: on.sub,
  mul: on.mul,
  div: on.div,
  neg: on.neg,
  abs: on.abs,
  sqrt: on.sqrt,
  floor: on.floor,
  ceil: on.ceil,
  max: on.maximum,
  min: on.minimum,
  greater: on.greater,
  greaterEqual: on.greaterEqual,
  less: on.less,
  lessEqual: on.lessEqual,
  equal: on.equal,
  notEqual: on.notEqual,
  and: on.and,
  or: on.or,
  select: on.where,
}

/** By the function that a formula calls. */
export const deviceFunctions: ReadonlyMap<Callable, Elementwise> = new Map<Callable, Elementwise>([
  [Math.exp, on.exp],
  [Math.expm1, on.expm1],
  [Math.log, on.log],
  [Math.log1p, on.log1p],
  [Math.sin, on.sin],
  [Math.cos, on.cos],
  [Math.tan, on.tan],
  [Math.asin, on.asin],
  [Math.acos, on.acos],
  [Math.atan, on.atan],
  [Math.atan2, on.atan2],
  [Math.sinh, on.sinh],
  [Math.cosh, on.cosh],
  [Math.tanh, on.tanh],
  [Math.sign, on.sign],
  [power, on.pow],
])
