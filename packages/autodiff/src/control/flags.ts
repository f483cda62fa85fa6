/**
 * Which of a list: arguments that are differentiated, directions that are not zero, inputs with a batch axis. Programs
 * take and return the flagged ones only, one after another.
 */
import { type TensorType, zeros } from '@secant/linalg'
import type { Tangents, Value, Values } from '../core.ts'

/** One answer for each of a list. */
export type Flags = readonly boolean[]

/** A list in two parts, the second from place `at`. */
export const splitAt = <A>(list: readonly A[], at: number): readonly [readonly A[], readonly A[]] => [
  list.slice(0, at),
  list.slice(at),
]

/** The flagged ones. */
export const pick = <A>(list: readonly A[], flags: Flags): readonly A[] => list.filter((_, i) => flags[i])

/** `own` at the flagged places, in order, and what `other` says elsewhere. */
export const placed = <A>(flags: Flags, own: readonly A[], other: (i: number) => A): readonly A[] => {
  let next = 0
  return flags.map((flag, i) => (flag ? (own[next++] as A) : other(i)))
}

/** Directions at the flagged places, zero elsewhere; the inverse of `pick` with `present`. */
export const unpick = (flags: Flags, own: Values): Tangents => placed<Value | undefined>(flags, own, () => undefined)

/** Which directions are not zero. */
export const present = (tangents: Tangents): Flags => tangents.map((v) => v !== undefined)

/** The directions that are not zero. */
export const given = (tangents: Tangents): Values => tangents.filter((v) => v !== undefined)

/** Nothing flagged. */
export const none = (list: readonly unknown[]): Flags => list.map(() => false)

/** Zeros written out where a direction is left away. */
export const written = (v: Value | undefined, { shape, dtype }: TensorType): Value => v ?? zeros(shape, dtype)

/** The flagged directions, zeros written out. */
export const pickWritten = (tangents: Tangents, flags: Flags, space: readonly TensorType[]): Values =>
  tangents.flatMap((v, i) => (flags[i] ? [written(v, space[i] as TensorType)] : []))
