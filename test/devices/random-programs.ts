/** Functions made at random of operations that differ in how they are compiled: chains, folds, views, products, masks. */
import {
  abs,
  add,
  atan2,
  boundedWhile,
  broadcastTo,
  cast,
  checkpoint,
  concatenate,
  cond,
  cos,
  cumulativeSum,
  div,
  dot,
  exp,
  expandDims,
  flip,
  floor,
  greater,
  hypot,
  less,
  log1p,
  logicalAnd,
  logicalNot,
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
  notEqual,
  outer,
  pad,
  relu,
  reshape,
  safeDiv,
  scale,
  scan,
  sigmoid,
  sin,
  slice,
  softplus,
  sort,
  split,
  sqrt,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  switchCase,
  take,
  tanh,
  transpose,
  type Value,
  type Values,
  where,
  whileLoop,
} from '@secant/autodiff'
import { allocate, isFloat, type Shape, sizeOf, type Tensor, tensor } from '@secant/linalg'
import fc from 'fast-check'

/** A function of several values, and tensors to try it at. */
export interface Case {
  readonly f: (xs: Values) => Values
  readonly xs: readonly Tensor[]
  /** Names of the operations, for a failure to show. */
  readonly script: readonly string[]
}

type Pick = (below: number) => number
/** An operation tried on values of a pool; nothing where they do not fit. */
type Attempt = (x: Value, y: Value, pick: Pick, other: () => Value) => Value | undefined

const unary =
  (f: (x: Value) => Value): Attempt =>
  (x) =>
    f(x)

const stretches = (a: Shape, b: Shape): boolean =>
  a.toReversed().every((length, i) => {
    const other = b.at(-1 - i) ?? 1
    return length === other || length === 1 || other === 1
  })

const binary =
  (f: (x: Value, y: Value) => Value): Attempt =>
  (x, y) =>
    stretches(x.shape, y.shape) ? f(x, y) : f(x, sum(y))

const someAxes = (x: Value, pick: Pick): readonly number[] => x.shape.map((_, axis) => axis).filter(() => pick(2) === 0)

const folding =
  (f: (x: Value, reduction: { readonly axes: readonly number[]; readonly keep: boolean }) => Value): Attempt =>
  (x, _, pick) =>
    f(x, { axes: someAxes(x, pick), keep: pick(2) === 0 })

const anyAxis = (x: Value, pick: Pick): number | undefined => (x.shape.length === 0 ? undefined : pick(x.shape.length))

const factored = (x: Value, pick: Pick): Value => {
  const size = sizeOf(x.shape)
  const divisor = [2, 3, 4, 5, 7].filter((d) => size % d === 0)
  const d = divisor[pick(divisor.length + 1)]
  return reshape(x, d === undefined ? [size] : pick(2) === 0 ? [size / d, d] : [d, 1, size / d])
}

const cut: Attempt = (x, _, pick) => {
  const starts = x.shape.map((length) => pick(length))
  const steps = x.shape.map(() => 1 + pick(2) * pick(3))
  return slice(
    x,
    starts,
    x.shape.map((length, axis) => length - pick(length - (starts[axis] as number))),
    steps,
  )
}

const padded: Attempt = (x, _, pick) =>
  pad(
    x,
    x.shape.map(() => pick(3)),
    x.shape.map(() => pick(3)),
    x.shape.map(() => pick(2) * pick(3)),
  )

const joined: Attempt = (x, _, pick) => {
  const axis = anyAxis(x, pick)
  if (axis === undefined) return stack([x, sin(x), x].slice(pick(3)))
  return concatenate([x, flip(x, [axis]), cos(x), x].slice(pick(4)), axis)
}

const product: Attempt = (x, y) => {
  const [n] = x.shape.slice(-1)
  if (x.shape.length === 0 || y.shape.length === 0) return undefined
  const inner = y.shape.length === 1 ? y.shape[0] : y.shape.at(-2)
  if (inner === n && x.shape.length <= 2 && y.shape.length <= 2) return matmul(x, y)
  return x.shape.length === 2 ? matmul(transpose(x), x) : undefined
}

const attempts: Readonly<Record<string, Attempt>> = {
  neg: unary(neg),
  abs: unary(abs),
  exp: unary((x) => exp(tanh(x))),
  sin: unary(sin),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  relu: unary(relu),
  square: unary(square),
  floor: unary(floor),
  'sqrt of abs': unary((x) => sqrt(abs(x))),
  'log1p of abs': unary((x) => log1p(abs(x))),
  'times a number': (x, _, pick) => mul(x, [1, 0, -1, 0.1, -0][pick(5)] as number),
  'and a number': (x, _, pick) => sub(add(x, [0, -0, 1, 0.3][pick(4)] as number), [0, -0, 2][pick(3)] as number),
  'itself over and over': (x) => sub(mul(x, sigmoid(neg(neg(x)))), div(x, 1)),
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  scale: binary(scale),
  div: binary((x, y) => div(x, add(1, square(y)))),
  'div by what may be 0': binary(div),
  safeDiv: binary((x, y) => safeDiv(x, y, notEqual(y, 0))),
  maximum: binary(maximum),
  minimum: binary(minimum),
  hypot: binary(hypot),
  atan2: binary(atan2),
  where: binary((x, y) => where(logicalAnd(greater(x, y), logicalNot(greater(x, 0.5))), x, y)),
  'mask as numbers': (x) => cast(greater(x, 0.1), x.dtype as 'float64'),
  sum: folding(sum),
  mean: folding(mean),
  max: folding(max),
  min: folding(min),
  norm: folding(norm),
  logSumExp: folding(logSumExp),
  'softmax-like': (x, _, pick) => {
    const axis = anyAxis(x, pick)
    return axis === undefined ? undefined : exp(sub(x, logSumExp(x, { axes: [axis], keep: true })))
  },
  reshape: (x, _, pick) => factored(x, pick),
  transpose: (x) => transpose(x),
  slice: cut,
  pad: padded,
  concatenate: joined,
  flip: unary(flip),
  'more axes': (x, _, pick) =>
    x.shape.length > 2 ? undefined : broadcastTo(expandDims(x, [0]), [2 + pick(3), ...x.shape]),
  'split and swapped': (x, _, pick) => {
    const axis = anyAxis(x, pick)
    if (axis === undefined || (x.shape[axis] as number) < 2) return undefined
    const [a, b] = split(x, [1, (x.shape[axis] as number) - 1], axis)
    return concatenate([b as Value, a as Value], axis)
  },
  dot: (x) => dot(reshape(x, [sizeOf(x.shape)]), reshape(sin(x), [sizeOf(x.shape)])),
  matmul: product,
  outer: (x, y) => (x.shape.length === 1 && y.shape.length === 1 ? outer(x, y) : undefined),
  cumulativeSum: (x, _, pick) => {
    const axis = anyAxis(x, pick)
    return axis === undefined ? undefined : cumulativeSum(x, axis)
  },
  sort: (x) => (x.shape.length === 0 ? undefined : sort(x)),
  take: (x) => (x.shape.length === 0 ? undefined : take(x, tensor([0, -1, 0], 'int32'))),
}

/** Steps that hold programs, of what is smooth and keeps its shape. */
const controls: Readonly<Record<string, Attempt>> = {
  scan: (x, y, pick) => {
    const rows = x.shape.length === 0 ? stack([x, sin(x), x]) : x
    const length = rows.shape[0] as number
    const one = slice(
      rows,
      rows.shape.map(() => 0),
      rows.shape.with(0, 1),
    )
    const init = [mul(0.5, reshape(one, rows.shape.slice(1))), sum(y)] as const
    const step = ([c, total]: readonly [Value, Value], row: Value) => {
      const next = tanh(add(mul(c, 0.9), mul(row, mean(y))))
      return [[next, add(total, sum(mul(next, row)))] as const, [mul(next, total), total] as const] as const
    }
    const [[c, total], [ys]] = scan(step, { length, reverse: pick(2) === 0 })(init, rows)
    return add(mul(add(sum(c), total), 0.1), ys)
  },
  'scan that swaps': (x, y) => {
    const small = mul(0.1, y)
    const [[a, b]] = scan(([p, q]: readonly [Value, Value]) => [[q, p] as const, null], { length: 3 })(
      [sin(x), x],
      null,
    )
    return add(add(a, mul(2, b)), sum(small))
  },
  'scan of a scan': (x) => {
    const inner = (c: Value): Value => scan((d: Value) => [mul(0.9, cos(d)), null], { length: 2 })(c, null)[0]
    return scan((c: Value) => [inner(c), sum(c)], { length: 3 })(x, null)[0]
  },
  whileLoop: (x) => {
    const small = whileLoop(
      ([, k]: readonly [Value, Value]) => less(k, 3),
      ([c, k]) => [mul(0.5, c), add(k, 1)] as const,
    )([stopGradient(x), cast(scalarLike(x), x.dtype as 'float64')])
    return add(x, stopGradient(small[0]))
  },
  boundedWhile: (x) =>
    boundedWhile(
      (c: Value) => greater(sum(square(c)), 0.5),
      (c) => mul(0.6, c),
      { most: 4 },
    )(x),
  cond: (x, y) =>
    cond(
      greater(sum(x), sum(y)),
      (a: Value) => sin(a),
      (a: Value) => mul(a, mean(y)),
    )(x),
  switchCase: (x, _, pick) =>
    switchCase(pick(4), [(a: Value) => a, (a: Value) => tanh(a), (a: Value) => neg(sort1(a))])(x),
  checkpoint: (x, y) => checkpoint((a: Value) => mul(tanh(a), add(sum(a), mean(y))))(x),
}

const scalarLike = (x: Value): Value => mul(0, stopGradient(mean(x)))
const sort1 = (x: Value): Value => (x.shape.length === 0 ? x : sort(x))

const all: Readonly<Record<string, Attempt>> = { ...attempts, ...controls }
const allNames = Object.keys(all)
/** Operations that a small change may send elsewhere. */
const jumps: ReadonlySet<string> = new Set([
  'abs',
  'relu',
  'floor',
  'sqrt of abs',
  'log1p of abs',
  'div by what may be 0',
  'safeDiv',
  'maximum',
  'minimum',
  'where',
  'mask as numbers',
  'max',
  'min',
  'sort',
  'atan2',
  'hypot',
  'norm',
  'boundedWhile',
  'cond',
  'switchCase',
])

/** More entries than this are not made. */
const largest = 600

export interface ProgramOptions {
  /** Number of entries up to which values are made. */
  readonly widest?: number
  /** Whether to leave out what a small change may send elsewhere. */
  readonly smooth?: boolean
  readonly steps?: readonly [fewest: number, most: number]
  /** Names of operations that are left out. */
  readonly without?: readonly string[]
}

const written = (
  choices: readonly number[],
  { widest = largest, smooth = false, steps: [fewest, most] = [3, 16], without = [] }: ProgramOptions,
): Omit<Case, 'xs'> => {
  const script: string[] = []
  const names = allNames.filter((name) => !(smooth && jumps.has(name)) && !without.includes(name))
  return {
    script,
    f: (xs) => {
      let at = 0
      script.length = 0
      const pick: Pick = (below) => (below <= 0 ? 0 : (choices[at++ % choices.length] as number) % below)
      const pool = [...xs]
      const other = (): Value => pool[pool.length - 1 - pick(Math.min(pool.length, 5))] as Value
      const steps = fewest + pick(most - fewest + 1)
      for (let i = 0; i < steps; i++) {
        const name = names[pick(names.length)] as string
        const [x, y] = [other(), other()]
        if (x.dtype !== y.dtype) continue
        const made = (all[name] as Attempt)(x, y, pick, other)
        if (made === undefined || sizeOf(made.shape) > widest || sizeOf(made.shape) === 0) continue
        script.push(name)
        pool.push(made)
      }
      return pool.slice(-3).filter((x) => isFloat(x))
    },
  }
}

const filled = (dtype: 'float64' | 'float32', shape: Shape, entries: readonly number[]): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++)
    data[i] = (entries[i % entries.length] as number) * (1 - 0.01 * Math.floor(i / entries.length))
  return { dtype, shape, data }
}

const entry = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2000, max: 2000 }).map((k) => k / 1000) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1, -1, 0.5) },
)

const axis = fc.constantFrom(1, 2, 3, 4, 5, 8, 11)

/** Cases of one dtype. */
export const randomCases = (dtype: 'float64' | 'float32', options: ProgramOptions = {}): fc.Arbitrary<Case> =>
  fc
    .tuple(
      fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 60 }),
      fc.array(fc.array(axis, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.array(entry, { minLength: 13, maxLength: 13 }),
    )
    .map(([choices, shapes, entries]) => ({
      ...written(choices, options),
      xs: shapes.map((shape) => filled(dtype, shape, entries)),
    }))
