/** Operations for programs made at random, each fitted to the values that it is tried on. */
import * as ad from '@secant/autodiff'
import {
  abs,
  add,
  broadcastTo,
  cast,
  concatenate,
  cos,
  div,
  exp,
  greater,
  logSumExp,
  matmul,
  mean,
  mul,
  notEqual,
  reshape,
  sin,
  square,
  sub,
  sum,
  take,
  tanh,
  transpose,
  type Value,
  where,
} from '@secant/autodiff'
import { allocate, type Shape, sizeOf, type Tensor, tensor } from '@secant/linalg'
import {
  type Attempt,
  type Attempts,
  along,
  binary,
  extreme,
  folding,
  type Pick,
  stretches,
  unary,
} from './arranging.ts'

/** Of vectors, matrices and stacks of matrices. */
const product: Attempt = (x, y, pick) => {
  if (x.shape.length === 0 || y.shape.length === 0) return undefined
  const inner = y.shape.length === 1 ? y.shape[0] : y.shape.at(-2)
  const isPlain = x.shape.length <= 2 && y.shape.length <= 2
  if (isPlain && inner === x.shape.at(-1)) return matmul(x, y)
  if (x.shape.length === 1) return undefined
  const order = x.shape.map((_, axis) => axis)
  const across = transpose(x, [...order.slice(0, -2), order.length - 1, order.length - 2])
  return pick(2) === 0 ? matmul(across, x) : matmul(x, across)
}

const flat = (x: Value): Value => reshape(x, [sizeOf(x.shape)])

/** Numbers that a program closes over: all alike, or not. */
const fixed = (x: Value, pick: Pick, shape: Shape = x.shape): Value => {
  const size = sizeOf(shape)
  const data = allocate(x.dtype, size)
  const [first, step] = [[1, 0.5, -0.25, 0][pick(4)] as number, [0, 0.125, -0.01][pick(3)] as number]
  for (let i = 0; i < size; i++) data[i] = first + step * i
  return { dtype: x.dtype, shape, data } as Tensor
}

/** Of floats, smooth where it is defined at all. */
export const smooth: Attempts = {
  neg: unary(ad.neg),
  exp: unary((x) => exp(tanh(x))),
  'exp of anything': unary(exp),
  expm1: unary((x) => ad.expm1(tanh(x))),
  log: unary((x) => ad.log(add(square(x), 0.1))),
  'log of anything': unary(ad.log),
  log1p: unary((x) => ad.log1p(square(x))),
  sqrt: unary((x) => ad.sqrt(add(1, square(x)))),
  reciprocal: unary((x) => ad.reciprocal(add(1.5, sin(x)))),
  sin: unary(sin),
  cos: unary(cos),
  tan: unary((x) => ad.tan(sin(x))),
  asin: unary((x) => ad.asin(mul(0.9, sin(x)))),
  acos: unary((x) => ad.acos(mul(0.9, cos(x)))),
  atan: unary(ad.atan),
  sinh: unary((x) => ad.sinh(tanh(x))),
  cosh: unary((x) => ad.cosh(tanh(x))),
  tanh: unary(tanh),
  sigmoid: unary(ad.sigmoid),
  softplus: unary(ad.softplus),
  silu: unary(ad.silu),
  gelu: unary(ad.gelu),
  erf: unary(ad.erf),
  lgamma: unary((x) => ad.lgamma(add(1.5, square(x)))),
  digamma: unary((x) => ad.digamma(add(1.5, square(x)))),
  square: unary(square),
  'times a number': (x, _, pick) => mul(x, [1, 0, -1, 0.1, -0][pick(5)] as number),
  'and a number': (x, _, pick) => sub(add(x, [0, -0, 1, 0.3][pick(4)] as number), [0, -0, 2][pick(3)] as number),
  'and nothing': (x, _, pick) =>
    pick(2) === 0 ? add(x, [0, -0][pick(2)] as number) : sub(x, [0, -0][pick(2)] as number),
  'itself over and over': (x) => sub(mul(x, ad.sigmoid(ad.neg(ad.neg(x)))), div(x, 1)),
  'another precision': (x) => cast(sin(cast(x, x.dtype === 'float64' ? 'float32' : 'float64')), x.dtype as 'float64'),
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  scale: binary(ad.scale),
  div: binary((x, y) => div(x, add(1, square(y)))),
  pow: binary((x, y) => ad.pow(add(0.5, square(x)), tanh(y))),
  logAddExp: binary(ad.logAddExp),
  sum: folding(sum),
  mean: folding(mean),
  variance: folding(ad.variance),
  prod: folding((x, reduction) => ad.prod(sin(x), reduction)),
  logSumExp: folding(logSumExp),
  'softmax-like': along((x, axis) => exp(sub(x, logSumExp(x, { axes: [axis], keep: true })))),
  'times what is fixed': (x, _, pick) => mul(x, fixed(x, pick)),
  'and what is fixed': (x, _, pick) => (pick(2) === 0 ? add(x, fixed(x, pick)) : sub(fixed(x, pick), x)),
  'what is fixed': (x, _, pick) => fixed(x, pick),
  'beside what is fixed': along((x, axis, __, pick) => concatenate([fixed(x, pick), x], axis)),
  'matmul with what is fixed': (x, _, pick) =>
    x.shape.length === 2 ? matmul(x, fixed(x, pick, [x.shape[1] as number, 1 + pick(5)])) : undefined,
  dot: (x) => ad.dot(flat(x), flat(sin(x))),
  'dot of two': (x, y) => (sizeOf(x.shape) === sizeOf(y.shape) ? ad.dot(flat(x), flat(y)) : undefined),
  matmul: product,
  'matmul as well': product,
  outer: (x, y) => (x.shape.length === 1 && y.shape.length === 1 ? ad.outer(x, y) : undefined),
  einsum: (x) => (x.shape.length === 2 ? ad.einsum('ij,kj->ik', x, x) : undefined),
  diag: (x) => (x.shape.length === 1 ? ad.diag(x) : undefined),
  diagonal: (x) => (x.shape.length === 2 ? ad.diagonal(x) : undefined),
  triangle: (x, _, pick) => (x.shape.length === 2 ? ad.triangle(x, { lower: pick(2) === 0 }) : undefined),
  cumulativeSum: along((x, axis) => ad.cumulativeSum(x, axis)),
  cumulativeProduct: along((x, axis) => ad.cumulativeProduct(sin(x), axis)),
  take: along((x, axis, length, pick) => take(x, tensor([0, -1, pick(length)], 'int32'), axis)),
  'scatterAdd of a row': along((x, axis) =>
    ad.scatterAdd(x, tensor([-1], 'int32'), take(x, tensor([0], 'int32'), axis), axis),
  ),
  conv1d: (x) =>
    x.shape.length === 1 && sizeOf(x.shape) > 2
      ? flat(ad.conv1d(reshape(x, [1, sizeOf(x.shape), 1]), tensorLike(x)))
      : undefined,
  solveTriangular: (x) => {
    if (x.shape.length !== 2 || x.shape[0] !== x.shape[1] || sizeOf(x.shape) === 0) return undefined
    const ones = broadcastTo(castLike(2, x), x.shape)
    return ad.solveTriangular(add(ones, mul(0.1, sin(x))), x, { lower: true })
  },
  stopGradient: unary(ad.stopGradient),
}

const castLike = (a: number, x: Value): Value => cast(tensor(a), x.dtype as 'float64')
const tensorLike = (x: Value): Value => cast(tensor([[[0.5]], [[-1]], [[0.25]]]), x.dtype as 'float64')

/** Of floats, with places at which a small change may send a result elsewhere. */
export const jumping: Attempts = {
  'sin of much': unary((x) => sin(mul(x, 1e7))), // where a roundoff of a single is a turn
  abs: unary(abs),
  sign: unary(ad.sign),
  relu: unary(ad.relu),
  floor: unary(ad.floor),
  ceil: unary((x) => ad.ceil(mul(3, x))),
  clip: unary((x) => ad.clip(x, -0.5, 0.7)),
  'erfc of abs': unary((x) => ad.erfc(abs(x))),
  'sqrt of abs': unary((x) => ad.sqrt(abs(x))),
  'sqrt of anything': unary(ad.sqrt),
  'log1p of abs': unary((x) => ad.log1p(abs(x))),
  'asin of anything': unary(ad.asin),
  'pow of anything': binary(ad.pow),
  'div by what may be 0': binary(div),
  safeDiv: binary((x, y) => ad.safeDiv(x, y, notEqual(y, 0))),
  maximum: binary(ad.maximum),
  minimum: binary(ad.minimum),
  hypot: binary(ad.hypot),
  atan2: binary(ad.atan2),
  'where by itself': binary((x, y) =>
    where(ad.logicalAnd(greater(x, y), ad.logicalNot(ad.logicalOr(greater(x, 0.5), ad.less(x, -1)))), x, y),
  ),
  'mask as numbers': (x) => cast(greater(x, 0.1), x.dtype as 'float64'),
  'index as number': extreme((x, reduction) => cast(ad.argmax(x, reduction), x.dtype as 'float64')),
  max: extreme(ad.max),
  min: extreme(ad.min),
  norm: folding(ad.norm),
  qr: (x) => (x.shape.length === 2 && sizeOf(x.shape) > 0 && sizeOf(x.shape) < 40 ? ad.qr(x).r : undefined),
  sort: along((x, axis) => ad.sort(x, axis)),
  topK: along((x, axis, length, pick) => ad.topK(x, 1 + pick(length), axis).values),
}

const compared = [ad.greater, ad.greaterEqual, ad.less, ad.lessEqual, ad.equal, ad.notEqual]
const comparing: Attempt = (x, y, pick) =>
  stretches(x.shape, y.shape)
    ? (compared[pick(6)] as typeof greater)(x, y)
    : (compared[pick(6)] as typeof greater)(x, pick(2))

/** From floats to other dtypes. */
export const judging: Attempts = {
  'other precision': (x) => cast(x, x.dtype === 'float64' ? 'float32' : 'float64'),
  compare: comparing,
  'compare as well': comparing,
  finite: unary(ad.finite),
  argmax: extreme(ad.argmax),
  argmin: extreme(ad.argmin),
  argsort: along((x, axis) => ad.argsort(x, axis)),
}

export const ofWholes: Attempts = {
  neg: unary(ad.neg),
  abs: unary(abs),
  sign: unary(ad.sign),
  square: unary(square),
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  maximum: binary(ad.maximum),
  minimum: binary(ad.minimum),
  sum: folding(sum),
  max: extreme(ad.max),
  min: extreme(ad.min),
  compare: comparing,
}

export const ofMasks: Attempts = {
  logicalNot: unary(ad.logicalNot),
  logicalAnd: (x, y) => (stretches(x.shape, y.shape) ? ad.logicalAnd(x, y) : undefined),
  logicalOr: (x, y) => (stretches(x.shape, y.shape) ? ad.logicalOr(x, y) : undefined),
  sum: folding(sum),
  any: folding(ad.any),
  all: folding(ad.all),
}

/** Whole numbers and masks among floats. */
export const asFloats: Attempt = (x, _, pick, like) => {
  const partner = like('float')
  const dtype = (partner?.dtype ?? 'float64') as 'float64'
  return pick(2) === 0 || partner === undefined || !stretches(x.shape, partner.shape)
    ? cast(x, dtype)
    : mul(cast(x, dtype), partner)
}
