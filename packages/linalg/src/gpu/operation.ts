/**
 * What an engine is asked to do, as data. Everything is a matrix: a tensor […, m, n] is kept as its rows, one below
 * the other; a vector [n] is one row. Shapes have been checked before.
 */
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

// The fused loops of compiled programs will be one more kind: a kernel's text with its scalars.
export type Operation = Product | Pointwise | Reduce | Gather | RankTwo | TakeRows | Stack
