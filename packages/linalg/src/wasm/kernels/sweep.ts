import { all, type Code, type Local, local } from '../assembler/code.ts'
import { whileLoop } from '../assembler/control.ts'
import { i32 } from '../assembler/scalar.ts'
import type { Lanes } from './lanes.ts'

/**
 * A walk along `n` neighbouring numbers: `wide(u, offset)` handles the u-th of `unrolled` vectors at `offset` bytes behind
 * the pointers, `single` one number; pointers move on by themselves. Nothing is read behind the end.
 */
export const sweep = (
  { size, count }: Pick<Lanes<'f32' | 'f64'>, 'size' | 'count'>,
  n: Code<'i32'>,
  pointers: readonly Local<'i32'>[],
  unrolled: number,
  wide: (u: number, offset: number) => readonly Code<'none'>[],
  single: readonly Code<'none'>[],
): Code<'none'> => {
  const left = local('i32')
  const round = (vectors: number): Code<'none'> =>
    whileLoop(i32.geS(left, vectors * count), [
      ...Array.from({ length: vectors }, (_, u) => wide(u, 16 * u)).flat(),
      ...pointers.map((p) => p.set(i32.add(p, 16 * vectors))),
      left.set(i32.sub(left, vectors * count)),
    ])
  return all([
    left.set(n),
    round(unrolled),
    ...(unrolled > 1 ? [round(1)] : []),
    whileLoop(i32.gtS(left, 0), [
      ...single,
      ...pointers.map((p) => p.set(i32.add(p, size))),
      left.set(i32.sub(left, 1)),
    ]),
  ])
}
