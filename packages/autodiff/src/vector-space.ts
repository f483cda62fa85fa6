/**
 * The operations that derivatives themselves are made of: adding two tangents, and the pair that carries a value
 * between spaces of different rank, `broadcast` and `sum`, each the other's adjoint.
 */
import * as dense from '@secant/linalg'
import { isFloat, type LinearMap, type Shape, sameShape, showShape, type Tensor, type TensorType } from '@secant/linalg'
import { bindOne, type Primitive, type Value, type Values } from './core.ts'
import { asView, byFormula, type Lower } from './lowering.ts'

/** A linear operation of one argument: its derivative is itself, whatever the point. */
/* @__NO_SIDE_EFFECTS__ */
export const linearPrimitive = <P>(spec: {
  readonly name: string
  readonly typeOf: (arg: TensorType, params: P) => TensorType
  readonly impl: (arg: Tensor, params: P) => Tensor
  readonly adjoint: (w: Value, params: P, arg: TensorType) => Value
  /** The operation on an argument with a leading axis, which the result has too. */
  readonly batch: (x: Value, params: P, count: number) => Value
  readonly lower?: Lower<P> | undefined
}): Primitive<P> => {
  const self: Primitive<P> = {
    name: spec.name,
    typeOf: ([arg], params) => [spec.typeOf(arg as TensorType, params)],
    impl: ([arg], params) => [spec.impl(arg as Tensor, params)],
    linearize: ([arg], params) => {
      const map: LinearMap<Value> = {
        apply: (v) => bindOne(self, [v], params),
        adjoint: (w) => spec.adjoint(w, params, arg as Value),
      }
      return [[bindOne(self, [arg as Value], params)], onlyArgument(map)]
    },
    batch: ([x], _, params, count) => [spec.batch(x as Value, params, count)],
    lower: spec.lower,
  }
  return self
}

/** A map of one value as a map of lists of length one. */
const onlyArgument = (map: LinearMap<Value>): LinearMap<readonly (Value | undefined)[]> => ({
  apply: ([v]) => [v && map.apply(v)],
  adjoint: ([w]) => [w && map.adjoint(w)],
})

const withoutAxes = (shape: Shape, axes: readonly number[]): Shape => shape.filter((_, axis) => !axes.includes(axis))

/** Axis numbers where a batch axis has come before them. */
export const behindBatch = (axes: readonly number[]): readonly number[] => axes.map((axis) => axis + 1)

const sumPrimitive: Primitive<{ readonly axes: readonly number[] }> = linearPrimitive({
  name: 'sum',
  typeOf: (x, { axes }) => ({ dtype: x.dtype === 'bool' ? 'int32' : x.dtype, shape: withoutAxes(x.shape, axes) }),
  impl: (x, { axes }) => dense.sum(x, axes),
  adjoint: (w, { axes }, x) => spread(w, x.shape, axes),
  batch: (x, { axes }) => sumOver(x, behindBatch(axes)),
  lower: ({ axes }) => ({ kind: 'fold', fold: 'sum', axes }),
})

const broadcastPrimitive: Primitive<{ readonly shape: Shape; readonly axes: readonly number[] }> = linearPrimitive({
  name: 'broadcast',
  typeOf: (x, { shape, axes }) => {
    if (!sameShape(x.shape, withoutAxes(shape, axes)))
      throw new Error(
        `broadcast: got ${showShape(x.shape)} for ${showShape(shape)} without axes ${showShape(axes)}; needs equal shapes`,
      )
    return { dtype: x.dtype, shape }
  },
  impl: (x, { shape, axes }) => dense.broadcast(x, shape, axes),
  adjoint: (w, { axes }) => sumOver(w, axes),
  batch: (x, { shape, axes }, count) => spread(x, [count, ...shape], behindBatch(axes)),
  lower: asView(({ start, strides }, { shape, axes }) => {
    let next = 0
    return { shape, start, strides: shape.map((_, axis) => (axes.includes(axis) ? 0 : (strides[next++] as number))) }
  }),
})

/** Sum over the given axes (normalized), which disappear; of a mask, the count in int32. */
export const sumOver = (x: Value, axes: readonly number[]): Value =>
  axes.length === 0 && x.dtype !== 'bool' ? x : bindOne(sumPrimitive, [x], { axes })

/** Repeats a value along new axes: `x.shape` is `shape` without `axes`. */
export const spread = (x: Value, shape: Shape, axes: readonly number[]): Value =>
  axes.length === 0 ? x : bindOne(broadcastPrimitive, [x], { shape, axes })

const allAxes = (shape: Shape): readonly number[] => shape.map((_, axis) => axis)

/** A scalar repeated to fill a shape; anything else is left as it is. */
export const fill = (x: Value, shape: Shape): Value => (x.shape.length === 0 ? spread(x, shape, allAxes(shape)) : x)

/** The adjoint of `fill`: a sum down to a scalar where the argument was one. */
export const unfill = (w: Value, shape: Shape): Value => (shape.length === 0 ? sumOver(w, allAxes(w.shape)) : w)

const shown = (args: readonly TensorType[]): string =>
  args.map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`).join(' and ')

/** The type of an elementwise result: equal shapes, or a scalar beside anything; one dtype. */
export const elementwiseType = (name: string, args: readonly TensorType[]): TensorType => {
  const widest = args.find((arg) => arg.shape.length > 0) ?? (args[0] as TensorType)
  for (const arg of args)
    if (arg.dtype !== widest.dtype || (arg.shape.length > 0 && !sameShape(arg.shape, widest.shape)))
      throw new Error(`${name}: got ${shown(args)}; needs one dtype and equal shapes or scalars`)
  return { dtype: widest.dtype, shape: widest.shape }
}

/** The same for arithmetic, which masks have none of. */
export const arithmeticType = (name: string, args: readonly TensorType[]): TensorType => {
  const type = elementwiseType(name, args)
  if (type.dtype === 'bool') throw new Error(`${name}: got ${shown(args)}; needs floats or int32 (cast a mask)`)
  return type
}

/** The same for functions whose results are not whole numbers. */
export const floatType = (name: string, args: readonly TensorType[]): TensorType => {
  const type = elementwiseType(name, args)
  if (!isFloat(type)) throw new Error(`${name}: got ${shown(args)}; needs float64 or float32 (see cast)`)
  return type
}

/** Arguments of an elementwise operation as a batch: of one shape, but for scalars that all members share. */
export const elementwiseBatch = (args: Values, batched: readonly boolean[], count: number): Values => {
  const inner = args.map(({ shape }, i) => (batched[i] ? shape.slice(1) : shape)).find(({ length }) => length > 0) ?? []
  const shape = [count, ...inner]
  const trailing = inner.map((_, axis) => axis + 1)
  return args.map((x, i) => {
    if (!batched[i]) return x.shape.length === 0 ? x : spread(x, shape, [0])
    return x.shape.length === 1 ? spread(x, shape, trailing) : x
  })
}

/** The same for operations that need every argument to have the batch axis. */
export const wholeBatch = (args: Values, batched: readonly boolean[], count: number): Values =>
  args.map((x, i) => (batched[i] ? x : spread(x, [count, ...x.shape], [0])))

const addPrimitive: Primitive<undefined> = {
  name: 'add',
  typeOf: (args) => [arithmeticType('add', args)],
  impl: ([a, b]) => [dense.add(a as Tensor, b as Tensor)],
  linearize: ([a, b], _, active) => {
    const sum = plus(a as Value, b as Value)
    return [
      [sum],
      {
        apply: ([v, w]) => [v && w ? fill(plus(v, w), sum.shape) : v ? fill(v, sum.shape) : w && fill(w, sum.shape)],
        adjoint: ([w]) => [
          w && active[0] ? unfill(w, (a as Value).shape) : undefined,
          w && active[1] ? unfill(w, (b as Value).shape) : undefined,
        ],
      },
    ]
  },
  batch: (args, batched, _, count) => [bindOne(addPrimitive, elementwiseBatch(args, batched, count), undefined)],
  lower: byFormula((on, a, b) => on.add(a, b)),
}

/** The sum of two values of equal shapes, or of a scalar and anything. */
export const plus = (a: Value, b: Value): Value => bindOne(addPrimitive, [a, b], undefined)
