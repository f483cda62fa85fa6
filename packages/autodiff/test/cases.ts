import { sizeOf, type Tensor } from '@secant/linalg'
import fc from 'fast-check'
import {
  abs,
  acos,
  add,
  asin,
  atan,
  atan2,
  broadcastTo,
  cast,
  ceil,
  clip,
  concatenate,
  cos,
  cosh,
  digamma,
  div,
  dot,
  erf,
  erfc,
  exp,
  expm1,
  floor,
  gelu,
  greater,
  hypot,
  lgamma,
  log,
  log1p,
  logAddExp,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  norm,
  outer,
  pad,
  polygamma,
  pow,
  prod,
  reciprocal,
  relu,
  reshape,
  safeDiv,
  scale,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  slice,
  softplus,
  sqrt,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  tan,
  tanh,
  transpose,
  type Value,
  variance,
  where,
} from '../src/index.ts'
import { factorizationCases } from './factorization-cases.ts'
import { broadcastable, type Case, ofShape, shapes, spacedOf, tensorOf } from './generators.ts'
import { spectralCases } from './spectral-cases.ts'
import { structuralCases } from './structural-cases.ts'

const constant = (entries: readonly number[]): Tensor => ({
  dtype: 'float64',
  shape: [entries.length],
  data: Float64Array.from(entries),
})

const anyOne = (min = -2, max = 2): fc.Arbitrary<readonly Tensor[]> =>
  shapes.chain((shape) => fc.tuple(tensorOf(shape, min, max)))

const pairs = (low: number, high: number, lowA = -2, highA = 2): fc.Arbitrary<readonly Tensor[]> =>
  broadcastable.chain(([a, b]) => fc.tuple(tensorOf(a, lowA, highA), tensorOf(b, low, high)))

const length = fc.integer({ min: 0, max: 4 })

const unary = (name: string, f: (x: Value) => Value, min?: number, max?: number): Case => ({
  name,
  f: (x) => f(x as Value),
  inputs: anyOne(min, max),
})

/** The second argument between `low` and `high`, the first between `lowA` and `highA`. */
const binary = (name: string, f: (a: Value, b: Value) => Value, low = -2, high = 2, lowA = -2, highA = 2): Case => ({
  name,
  f: (a, b) => f(a as Value, b as Value),
  inputs: pairs(low, high, lowA, highA),
})

const spaced = spacedOf([2, 3])

/** Entry by entry, reductions, products, and the oldest of the structural operations. */
export const plainCases: readonly Case[] = [
  unary('neg', neg),
  unary('exp', exp),
  unary('log', log, 0.5, 4),
  unary('sqrt', sqrt, 0.5, 4),
  unary('square', square),
  unary('expm1', expm1),
  unary('log1p', log1p, -0.5, 3),
  unary('reciprocal', reciprocal, 0.5, 4),
  unary('sin', sin),
  unary('cos', cos),
  unary('tan', tan, -1, 1),
  unary('asin', asin, -0.7, 0.7),
  unary('acos', acos, -0.7, 0.7),
  unary('atan', atan),
  unary('sinh', sinh),
  unary('cosh', cosh),
  unary('relu of what is positive', relu, 0.3, 2),
  unary('relu of what is negative', relu, -2, -0.3),
  unary('silu', silu),
  unary('gelu', gelu),
  unary('erf', erf),
  unary('erfc', erfc),
  unary('lgamma', lgamma, 0.8, 5),
  unary('lgamma of negatives', lgamma, -1.6, -1.4),
  unary('digamma', digamma, 0.8, 5),
  unary('polygamma', (x) => polygamma(2, x), 0.8, 5),
  unary('abs', abs, 0.3, 2),
  unary('abs of negatives', abs, -2, -0.3),
  unary('sign', sign, 0.3, 2),
  unary('floor', floor, 1.2, 1.8),
  unary('ceil', ceil, -1.8, -1.2),
  unary('clip inside', (x) => clip(x, -3, 3)),
  unary('clip outside', (x) => clip(x, 3, constant([4])), -2, 2),
  binary('clip to moving ends', (a, b) => clip(a, b, mul(2, b)), 0.2, 0.5, 1.3, 2),
  unary('tanh', tanh),
  unary('sigmoid', sigmoid),
  unary('softplus', softplus),
  binary('add', add),
  binary('sub', sub),
  binary('mul', mul),
  binary('div', div, 0.5, 3),
  binary('scale', scale),
  binary('maximum', maximum, 0.4, 2, -2, 0.1),
  binary('maximum of the first', maximum, -2, 0.1, 0.4, 2),
  binary('minimum', minimum, 0.4, 2, -2, 0.1),
  binary('pow', pow, -2, 2, 0.5, 2),
  binary('pow by a whole number', (a, b) => pow(mul(a, b), 3)),
  binary('hypot', hypot, 0.5, 3),
  binary('atan2', atan2, 0.5, 3),
  binary('atan2 to the left', atan2, -3, -0.5, 0.3, 2),
  binary('logAddExp', logAddExp),
  binary('safeDiv', (a, b) => safeDiv(a, b, greater(b, 1)), 1.5, 3),
  {
    // The divisor is 0 exactly where it is not to be used: neither value nor derivatives may notice.
    name: 'safeDiv by zero',
    f: (a, b) => {
      const divisor = mul(add(b as Value, 3), constant([1, 0, 1]))
      return safeDiv(a as Value, divisor, greater(divisor, 0), 7)
    },
    inputs: fc.oneof(ofShape([3], [3]), ofShape([], [3]), ofShape([2, 3], [1, 3])),
  },
  {
    name: 'where of one mask for all',
    f: (a, b) => where(greater(1, 0), a as Value, b as Value),
    inputs: fc.oneof(ofShape([3], [3]), ofShape([], [3]), ofShape([3], []), ofShape([], []), ofShape([0], [])),
  },
  {
    name: 'cast',
    f: (x) => mul(x as Value, cast(cast(constant([0.5, 0.125, 3]), 'float32'), 'float64')),
    inputs: fc.oneof(ofShape([3]), ofShape([]), ofShape([2, 3])),
  },
  {
    name: 'stopGradient',
    f: (x) => mul(x as Value, stopGradient(constant([1, 2, 3]))),
    inputs: fc.oneof(ofShape([3]), ofShape([])),
  },
  {
    name: 'where',
    f: (a, b) => where(greater(constant([1, -1, 1]), 0), a as Value, b as Value),
    inputs: fc.oneof(ofShape([3], [3]), ofShape([], [3]), ofShape([3], []), ofShape([2, 3], [1, 3])),
  },
  unary('sum', sum),
  { name: 'sum of an axis, kept', f: (x) => sum(x as Value, { axes: [1], keep: true }), inputs: ofShape([2, 3, 2]) },
  { name: 'mean', f: (x) => mean(x as Value, { axes: [0, 2] }), inputs: ofShape([2, 3, 2]) },
  { name: 'max', f: (x) => max(x as Value, { axes: [1] }), inputs: spaced },
  { name: 'max of all', f: (x) => max(x as Value), inputs: spaced },
  { name: 'min', f: (x) => min(x as Value, { axes: [0], keep: true }), inputs: spaced },
  { name: 'norm', f: (x) => norm(x as Value, { axes: [-1] }), inputs: fc.tuple(tensorOf([2, 3], 0.3, 2)) },
  unary('norm of all', (x) => norm(x), 0.3, 2),
  { name: 'prod', f: (x) => prod(x as Value, { axes: [0, 2] }), inputs: ofShape([3, 2, 2]) },
  unary('prod of all', (x) => prod(x)),
  { name: 'variance', f: (x) => variance(x as Value, { axes: [1] }), inputs: ofShape([2, 4]) },
  {
    name: 'variance of a sample',
    f: (x) => variance(x as Value, { correction: 1, keep: true }),
    inputs: ofShape([2, 3]),
  },
  {
    name: 'logSumExp',
    f: (x) => logSumExp(x as Value, { axes: [-1] }),
    inputs: fc.oneof(ofShape([2, 3]), ofShape([3])),
  },
  {
    name: 'reshape',
    f: (x) => reshape(x as Value, [sizeOf((x as Value).shape)]),
    inputs: anyOne(),
  },
  unary('transpose', (x) => transpose(x)),
  { name: 'transpose by a cycle', f: (x) => transpose(x as Value, [1, 2, 0]), inputs: ofShape([2, 3, 1]) },
  {
    name: 'broadcastTo',
    f: (x) => broadcastTo(x as Value, [2, 3, 4]),
    inputs: fc.oneof(ofShape([3, 1]), ofShape([]), ofShape([4])),
  },
  { name: 'slice', f: (x) => slice(x as Value, [1, 0], [2, 5], [1, 2]), inputs: ofShape([3, 5]) },
  { name: 'slice to nothing', f: (x) => slice(x as Value, [1], [1]), inputs: ofShape([3]) },
  {
    name: 'pad',
    f: (x) => pad(x as Value, [1, 0], [0, 2], [2, 1]),
    inputs: fc.oneof(ofShape([2, 3]), ofShape([0, 2])),
  },
  {
    name: 'concatenate',
    f: (a, b, c) => concatenate([a as Value, b as Value, c as Value], 1),
    inputs: ofShape([2, 1], [2, 0], [2, 3]),
  },
  { name: 'stack', f: (a, b) => stack([a as Value, b as Value]), inputs: ofShape([2], [2]) },
  { name: 'dot', f: (a, b) => dot(a as Value, b as Value), inputs: length.chain((n) => ofShape([n], [n])) },
  {
    name: 'matmul',
    f: (a, b) => matmul(a as Value, b as Value),
    inputs: fc.tuple(length, length, length).chain(([m, k, n]) => ofShape([m, k], [k, n])),
  },
  { name: 'matmul by a vector', f: (a, b) => matmul(a as Value, b as Value), inputs: ofShape([2, 3], [3]) },
  { name: 'matmul of a vector', f: (a, b) => matmul(a as Value, b as Value), inputs: ofShape([2], [2, 3]) },
  { name: 'outer', f: (a, b) => outer(a as Value, b as Value), inputs: ofShape([2], [3]) },
]

/** All operations. */
export const cases: readonly Case[] = [...plainCases, ...factorizationCases, ...spectralCases, ...structuralCases]

/** A function of one vector `[3]`. */
export type VectorFunction = (x: Value) => Value

const along =
  (f: (x: Value) => Value) =>
  (e: VectorFunction): VectorFunction =>
  (x) =>
    f(e(x))

const both =
  (f: (a: Value, b: Value) => Value) =>
  (a: VectorFunction, b: VectorFunction): VectorFunction =>
  (x) =>
    f(a(x), b(x))

const ofOne: readonly ((e: VectorFunction) => VectorFunction)[] = [
  ...[tanh, sigmoid, softplus, neg].map(along),
  along((a) => exp(tanh(a))),
  along((a) => sqrt(add(1, square(a)))),
  along((a) => log(add(1, square(a)))),
  along((a) => concatenate([slice(a, [1], [3]), slice(a, [0], [1])])),
  along((a) => slice(pad(a, [1], [2], [1]), [0], [6], [2])),
  along((a) => sum(transpose(stack([a, tanh(a)])), { axes: [1] })),
  along((a) => add(mean(a), logSumExp(a))),
  along((a) => where(greater(constant([1, -1, 1]), 0), a, square(tanh(a)))),
  along((a) => exp(sub(tanh(a), logSumExp(tanh(a))))),
].map((f) => (e) => (x) => broadcastTo(f(e)(x), [3]))

const ofTwo: readonly ((a: VectorFunction, b: VectorFunction) => VectorFunction)[] = [
  ...[add, sub].map(both),
  both((a, b) => mul(a, b)),
  both((a, b) => div(a, add(1, square(b)))),
  both((a, b) => mul(dot(tanh(a), tanh(b)), a)),
  both((a, b) => matmul(outer(tanh(a), tanh(b)), tanh(a))),
  both((a, b) => safeDiv(a, add(2, tanh(b)), greater(constant([1, -1, 1]), 0), b)),
]

/** Small expressions of one vector, built from operations that stay smooth and finite. */
export const programs: fc.Arbitrary<VectorFunction> = fc.letrec<{ e: VectorFunction }>((tie) => ({
  e: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant((x: Value) => x),
    fc.tuple(fc.constantFrom(...ofOne), tie('e')).map(([f, e]) => f(e)),
    fc.tuple(fc.constantFrom(...ofTwo), tie('e'), tie('e')).map(([f, a, b]) => f(a, b)),
  ),
})).e
