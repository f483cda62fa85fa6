/**
 * What an engine is asked to do, as data. Everything is a matrix: a tensor […, m, n] is kept as its rows, one below
 * the other; a vector [n] is one row. Shapes have been checked before.
 */
import type { Shape } from '../shape.ts'
import type { Elementwise } from './elementwise.ts'

/** `C + α op(A) op(B)` (or without C), for each of `batch` blocks of rows. */
export interface Product {
  readonly kind: 'product'
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly batch: number
  readonly m: number
  readonly k: number
  readonly n: number
  readonly alpha: number
  /** Whether a third argument, C, is added to. */
  readonly added: boolean
}

/** Which entry of an argument stands at (y, x): row ⌊y / after⌋ mod middle, column x or 0. */
export interface Spread {
  readonly after: number
  readonly middle: number
  readonly step: 0 | 1
}

/** A function of entries at equal places; arguments may be repeated along rows and columns. */
export interface Pointwise {
  readonly kind: 'pointwise'
  readonly f: Elementwise
  readonly rows: number
  readonly columns: number
  readonly spreads: readonly Spread[]
}

export type Fold = 'sum' | 'max' | 'min'

/**
 * Entries folded. `along rows`: entry (y, x) of `rows` × `columns` is what row `y columns + x` folds to. `in chunks`:
 * row by row, `length` neighbours at a time. `down columns`: `length` rows at a time.
 */
export interface Reduce {
  readonly kind: 'reduce'
  readonly fold: Fold
  readonly way: 'along rows' | 'in chunks' | 'down columns'
  readonly length: number
  readonly rows: number
  readonly columns: number
}

/**
 * Entries moved: the result has `rows` = s₀ s₁ s₂ rows and entry (i₀, i₁, i₂, x) is the argument's entry number
 * `offset + Σ iⱼ strideⱼ + x stride₃` in row-major order.
 */
export interface Gather {
  readonly kind: 'gather'
  readonly sizes: readonly [number, number, number]
  readonly columns: number
  readonly strides: readonly [number, number, number, number]
  readonly offset: number
}

/** A[i] + α (x yᵀ + y xᵀ) for rows x, y `[1, n]`. */
export interface RankTwo {
  readonly kind: 'rank two'
  readonly alpha: number
}

/** Rows in the order that a row of indices says. */
export interface TakeRows {
  readonly kind: 'take rows'
  readonly rows: number
}

/** The rows of one matrix above those of another. */
export interface Stack {
  readonly kind: 'stack'
  readonly rows: number
}

/** Indices along an axis of a loop: `from + k step` for the `count` numbers k from 0. */
export interface Guard {
  readonly axis: number
  readonly from: number
  readonly count: number
  readonly step: number
}

/**
 * Where a loop reads an argument: entry number `start + Σ index · stride` in row-major order, an index and a stride for
 * each axis. Along `spaced` axes the index is ⌊(index − from) / step⌋. A `guarded` one may point outside, and then
 * means nothing: what stands there is not used.
 */
export interface Access {
  readonly argument: number
  readonly start: number
  readonly strides: readonly number[]
  readonly spaced: readonly Guard[]
  readonly guarded: boolean
}

/** One value of a loop at each place; functions are applied to values before. `within` is 1 where all guards hold. */
export type Instruction =
  | { readonly kind: 'read'; readonly access: Access }
  | { readonly kind: 'within'; readonly guards: readonly Guard[] }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'apply'; readonly f: Elementwise; readonly args: readonly number[] }

/**
 * A loop whose last instruction is its result at each place: of rows `outer` and `columns`, and folded over `inner`.
 * Indices of accesses and guards are those of `[...outer, columns, ...inner]`. With a `chunk`, the last axis of the
 * result counts chunks of so many of the inner places, in row-major order.
 */
export interface Fused {
  readonly kind: 'fused'
  /** Tells it from others, and where it comes from the same parts is the same. */
  readonly name: string
  readonly outer: Shape
  readonly columns: number
  readonly inner: Shape
  readonly fold: Fold
  readonly chunk: number | undefined
  readonly code: readonly Instruction[]
  /** Rows and columns that its arguments are kept as. */
  readonly given: readonly { readonly rows: number; readonly columns: number }[]
}

export type Operation = Product | Pointwise | Fused | Reduce | Gather | RankTwo | TakeRows | Stack
