import { all, local, type Operand } from '../assembler/code.ts'
import { choose, forLoop, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { i32 } from '../assembler/scalar.ts'
import { v128 } from '../assembler/simd.ts'
import type { Lanes } from './lanes.ts'

type I32 = Operand<'i32'>

type PackParams = {
  readonly from: 'i32'
  readonly across: 'i32'
  readonly along: 'i32'
  readonly width: 'i32'
  readonly count: 'i32'
  readonly to: 'i32'
}

/**
 * One panel of a product's factor in the order in which tiles read it: of `width` ≤ `full` lines, `across` numbers
 * apart, the entries at l = 0 … count − 1, `along` numbers apart, interleaved: entry l of line r goes to
 * `to + full·l + r`. Missing lines become zeros. Strides are in numbers, places in bytes.
 */
export const packOf = <T extends 'f32' | 'f64'>(lanes: Lanes<T>, full: number): Func<PackParams, 'none'> =>
  func(
    `pack${full}${lanes.type}`,
    { from: 'i32', across: 'i32', along: 'i32', width: 'i32', count: 'i32', to: 'i32' },
    'none',
    ({ from, across, along, width, count, to }) => {
      const { scalar, shift, size } = lanes
      const [l, r, p, q] = [local('i32'), local('i32'), local('i32'), local('i32')]
      const rows = Array.from({ length: lanes.count }, () => local('v128'))
      const groups = Array.from({ length: full / lanes.count }, (_, i) => i)
      const bytes = (count: I32) => i32.shl(count, shift)

      const copyLines = all([
        forLoop(l, 0, count, 1, [
          ...groups.map((g) => v128.store(to, v128.load(from, 16 * g), 16 * g)),
          from.set(i32.add(from, along)),
          to.set(i32.add(to, full * size)),
        ]),
      ])
      // As many entries of as many lines as there are lanes, transposed in registers; the rest one by one.
      const turnLines = all([
        forLoop(l, 0, i32.and(count, -lanes.count), lanes.count, [
          p.set(from),
          ...groups.flatMap((g) => [
            ...rows.flatMap((row) => [row.set(v128.load(p)), p.set(i32.add(p, across))]),
            ...lanes.transposed(rows).map((column, i) => v128.store(to, column, full * size * i + 16 * g)),
          ]),
          from.set(i32.add(from, 16)),
          to.set(i32.add(to, full * 16)),
        ]),
        forLoop(l, l, count, 1, [
          p.set(from),
          ...Array.from({ length: full }, (_, i) => [
            scalar.store(to, scalar.load(p), i * size),
            p.set(i32.add(p, across)),
          ]).flat(),
          from.set(i32.add(from, size)),
          to.set(i32.add(to, full * size)),
        ]),
      ])
      const oneByOne = forLoop(r, 0, full, 1, [
        p.set(i32.add(from, i32.mul(r, across))),
        q.set(i32.add(to, bytes(r))),
        forLoop(l, 0, count, 1, [
          scalar.store(q, choose(i32.ltS(r, width), scalar.load(p), scalar.const(0))),
          p.set(i32.add(p, along)),
          q.set(i32.add(q, full * size)),
        ]),
      ])
      return all([
        across.set(bytes(across)),
        along.set(bytes(along)),
        when(
          i32.and(i32.eq(width, full), i32.eq(across, size)),
          [copyLines],
          [when(i32.and(i32.eq(width, full), i32.eq(along, size)), [turnLines], [oneByOne])],
        ),
      ])
    },
  )
