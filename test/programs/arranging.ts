/** Operations that only move entries, and how attempts at operations are made. */
import {
  broadcastTo,
  concatenate,
  expandDims,
  flip,
  pad,
  type Reduction,
  repeat,
  reshape,
  roll,
  slice,
  split,
  squeeze,
  stack,
  sum,
  tile,
  transpose,
  type Value,
  where,
} from '@secant/autodiff'
import { type Shape, sameShape, sizeOf } from '@secant/linalg'

/** A number below another; 0 if there is none. */
export type Pick = (below: number) => number
/** An operation tried on two values of one dtype, and on what else there is of any; nothing where they do not fit. */
export type Attempt = (x: Value, y: Value, pick: Pick, like: (dtype: string) => Value | undefined) => Value | undefined

export type Attempts = Readonly<Record<string, Attempt>>

/** Which attempts there are, in the bodies of loops too. */
export interface Selection {
  /** Values of more entries are not made, nor given; unless it is said, what is given may be larger. */
  readonly widest?: number
  /** Whether arguments are floats of the usual size (no NaN, no ∞), and neither tensors nor loops are empty. */
  readonly isPlain?: boolean
  /** Without operations that a small change may send elsewhere. */
  readonly isSmooth?: boolean
  /** How deep loops and branches stand in others; 1 unless it is said. */
  readonly layers?: number
  /** Names of operations that are left out. */
  readonly without?: readonly string[]
}

export const unary =
  (f: (x: Value) => Value): Attempt =>
  (x) =>
    f(x)

export const stretches = (a: Shape, b: Shape): boolean =>
  a.toReversed().every((length, i) => {
    const other = b.at(-1 - i) ?? 1
    return length === other || length === 1 || other === 1
  })

export const binary =
  (f: (x: Value, y: Value) => Value): Attempt =>
  (x, y) =>
    f(x, stretches(x.shape, y.shape) ? y : sum(y))

export const someAxes = (x: Value, pick: Pick): readonly number[] =>
  x.shape.map((_, axis) => axis).filter(() => pick(2) === 0)

type Folding = (x: Value, reduction: Reduction) => Value

export const folding =
  (f: Folding): Attempt =>
  (x, _, pick) =>
    f(x, { axes: someAxes(x, pick), keep: pick(2) === 0 })

/** Of no entries there is none. */
export const extreme =
  (f: Folding): Attempt =>
  (x, y, pick, like) =>
    sizeOf(x.shape) === 0 ? undefined : folding(f)(x, y, pick, like)

/** Tried along an axis that has entries. */
export const along =
  (f: (x: Value, axis: number, length: number, pick: Pick) => Value | undefined): Attempt =>
  (x, _, pick) => {
    if (sizeOf(x.shape) === 0 || x.shape.length === 0) return undefined
    const axis = pick(x.shape.length)
    return f(x, axis, x.shape[axis] as number, pick)
  }

const factored: Attempt = (x, _, pick) => {
  const size = sizeOf(x.shape)
  const divisors = [2, 3, 4, 5, 7].filter((d) => size > 0 && size % d === 0)
  const d = divisors[pick(divisors.length + 1)]
  return reshape(x, d === undefined ? [size] : pick(2) === 0 ? [size / d, d] : [d, 1, size / d])
}

const turned: Attempt = (x, _, pick) => {
  const axes = x.shape.map((_, axis) => axis)
  const order: number[] = []
  while (axes.length > 0) order.push(...axes.splice(pick(axes.length), 1))
  return transpose(x, order)
}

const cut: Attempt = (x, _, pick) => {
  const starts = x.shape.map((length) => pick(length))
  const steps = x.shape.map(() => 1 + pick(2) * pick(3))
  const stops = x.shape.map((length, axis) => length - pick(length - (starts[axis] as number)))
  return slice(x, starts, stops, steps)
}

const padded: Attempt = (x, _, pick) => {
  const counts = (most: number): readonly number[] => x.shape.map(() => pick(most))
  return pad(
    x,
    counts(3),
    counts(3),
    x.shape.map(() => pick(2) * pick(3)),
  )
}

const joined: Attempt = (x, y, pick) => {
  if (x.shape.length === 0) return stack([x, y.shape.length === 0 ? y : x, x].slice(pick(3)))
  const axis = pick(x.shape.length)
  const fits = sameShape(x.shape.with(axis, 0), y.shape.length === x.shape.length ? y.shape.with(axis, 0) : y.shape)
  return concatenate([x, flip(x, [axis]), fits ? y : x, x].slice(pick(4)), axis)
}

const swapped = along((x, axis, length) => {
  if (length < 2) return undefined
  const [a, b] = split(x, [1, length - 1], axis) as readonly [Value, Value]
  return concatenate([b, a], axis)
})

/** Whatever the entries are. */
export const arranging: Attempts = {
  reshape: factored,
  transpose: turned,
  slice: cut,
  pad: padded,
  concatenate: joined,
  flip: (x, _, pick) => flip(x, someAxes(x, pick)),
  'split and swapped': swapped,
  roll: along((x, axis, length, pick) => roll(x, pick(length), axis)),
  repeat: along((x, axis, _, pick) => repeat(x, 1 + pick(3), axis)),
  tile: (x, _, pick) =>
    tile(
      x,
      x.shape.map(() => 1 + pick(2)),
    ),
  'more axes': (x, _, pick) =>
    x.shape.length > 2 ? undefined : broadcastTo(expandDims(x, [0]), [2 + pick(3), ...x.shape]),
  squeeze: (x) => squeeze(x),
  where: (x, y, pick, like) => {
    const mask = like('bool')
    const other = sameShape(x.shape, y.shape) ? y : x.shape.length > 0 ? flip(x) : y
    const [a, b] = [x.shape, other.shape]
    if (mask === undefined || ![a, b].every((shape) => stretches(mask.shape, shape)) || !stretches(a, b))
      return undefined
    return where(mask, ...((pick(2) === 0 ? [x, other] : [other, x]) as [Value, Value]))
  },
}
