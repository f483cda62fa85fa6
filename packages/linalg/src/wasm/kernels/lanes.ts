/** What differs between kernels of doubles and of singles. */
import type { Code, Operand } from '../assembler/code.ts'
import { type FloatInstructions, f32, f64 } from '../assembler/scalar.ts'
import { type FloatLanes, f32x4, f64x2, v128 } from '../assembler/simd.ts'

type V128 = Code<'v128'>

export interface Lanes<T extends 'f32' | 'f64'> {
  readonly type: T
  /** Bytes of a number, their logarithm, and numbers in 128 bits. */
  readonly size: 4 | 8
  readonly shift: 2 | 3
  readonly count: 2 | 4
  readonly scalar: FloatInstructions<T>
  readonly vector: FloatLanes<T>
  readonly loadSplat: (address: Operand<'i32'>, offset?: number) => V128
  /** As many vectors as lanes, with rows and columns exchanged. */
  readonly transposed: (rows: readonly V128[]) => readonly V128[]
  /** Sum of the lanes, in pairs. */
  readonly total: (a: V128) => Code<T>
}

const bytes = (size: number, ...lanes: readonly number[]): readonly number[] =>
  lanes.flatMap((lane) => Array.from({ length: size }, (_, i) => lane * size + i))

export const doubles: Lanes<'f64'> = {
  type: 'f64',
  size: 8,
  shift: 3,
  count: 2,
  scalar: f64,
  vector: f64x2,
  loadSplat: v128.load64Splat,
  transposed: (rows) => {
    const [a, b] = rows as readonly [V128, V128]
    return [v128.shuffle(a, b, bytes(8, 0, 2)), v128.shuffle(a, b, bytes(8, 1, 3))]
  },
  total: (a) => f64.add(f64x2.extract(a, 0), f64x2.extract(a, 1)),
}

export const singles: Lanes<'f32'> = {
  type: 'f32',
  size: 4,
  shift: 2,
  count: 4,
  scalar: f32,
  vector: f32x4,
  loadSplat: v128.load32Splat,
  transposed: (rows) => {
    const [a, b, c, d] = rows as readonly [V128, V128, V128, V128]
    const low = [v128.shuffle(a, b, bytes(4, 0, 4, 1, 5)), v128.shuffle(c, d, bytes(4, 0, 4, 1, 5))] as const
    const high = [v128.shuffle(a, b, bytes(4, 2, 6, 3, 7)), v128.shuffle(c, d, bytes(4, 2, 6, 3, 7))] as const
    return [low, high].flatMap(([p, q]) => [
      v128.shuffle(p, q, bytes(4, 0, 1, 4, 5)),
      v128.shuffle(p, q, bytes(4, 2, 3, 6, 7)),
    ])
  },
  total: (a) =>
    f32.add(f32.add(f32x4.extract(a, 0), f32x4.extract(a, 1)), f32.add(f32x4.extract(a, 2), f32x4.extract(a, 3))),
}
