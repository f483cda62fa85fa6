import { all, type Code, type Local, local, nothing } from '../assembler/code.ts'
import { forLoop, giveBack, select, when, whileLoop } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { f64, i32 } from '../assembler/scalar.ts'
import { f64x2, v128 } from '../assembler/simd.ts'
import { gemm } from './gemm.ts'

/** T is read at `t + i·tRow + j·tColumn` numbers; `lower` and `unit` are 1 or 0 and speak of T as it is read. */
export type TrsmParams = {
  readonly n: 'i32'
  readonly columns: 'i32'
  readonly t: 'i32'
  readonly tRow: 'i32'
  readonly tColumn: 'i32'
  readonly lower: 'i32'
  readonly unit: 'i32'
  readonly x: 'i32'
  readonly xRow: 'i32'
  readonly work: 'i32'
}

const trsmParams: TrsmParams = {
  ...{ n: 'i32', columns: 'i32', t: 'i32', tRow: 'i32', tColumn: 'i32', lower: 'i32', unit: 'i32' },
  ...{ x: 'i32', xRow: 'i32', work: 'i32' },
}

const bytes = (count: Code<'i32'>): Code<'i32'> => i32.shl(count, 3)

/** Row by row: from each row of X all solved ones are subtracted, for eight columns at a time that stay in registers. */
const substitute: Func<TrsmParams, 'none'> = /* @__PURE__ */ func(
  'substitute',
  trsmParams,
  'none',
  ({ n, columns, t, tRow, tColumn, lower, unit, x, xRow }) => {
    const [step, i, j, count, left] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')]
    const [row, other, at, first, entry] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')]
    const [factor, single] = [local('v128'), local('f64')]
    /** The solved rows, from `first` on: `entry` walks along T, `other` down X. */
    const eachSolved = (body: readonly Code<'none'>[]): readonly Code<'none'>[] => [
      entry.set(i32.add(t, i32.add(i32.mul(i, tRow), i32.mul(first, tColumn)))),
      other.set(i32.add(at, i32.mul(i32.sub(first, i), xRow))),
      forLoop(j, 0, count, 1, [...body, entry.set(i32.add(entry, tColumn)), other.set(i32.add(other, xRow))]),
    ]
    const pivot = i32.add(t, i32.mul(i, i32.add(tRow, tColumn)))
    const wide = (vectors: number): Code<'none'> => {
      const sums = Array.from({ length: vectors }, () => local('v128'))
      return whileLoop(i32.geS(left, 2 * vectors), [
        ...sums.map((sum, v) => sum.set(v128.load(at, 16 * v))),
        ...eachSolved([
          factor.set(v128.load64Splat(entry)),
          ...sums.map((sum, v) => sum.set(f64x2.sub(sum, f64x2.mul(factor, v128.load(other, 16 * v))))),
        ]),
        when(i32.eqz(unit), [
          factor.set(v128.load64Splat(pivot)),
          ...sums.map((sum) => sum.set(f64x2.div(sum, factor))),
        ]),
        ...sums.map((sum, v) => v128.store(at, sum, 16 * v)),
        at.set(i32.add(at, 16 * vectors)),
        left.set(i32.sub(left, 2 * vectors)),
      ])
    }
    return all([
      tRow.set(bytes(tRow)),
      tColumn.set(bytes(tColumn)),
      xRow.set(bytes(xRow)),
      forLoop(step, 0, n, 1, [
        i.set(select(lower, step, i32.sub(i32.sub(n, 1), step))),
        count.set(step),
        first.set(select(lower, i32.const(0), i32.add(i, 1))),
        row.set(i32.add(x, i32.mul(i, xRow))),
        at.set(row),
        left.set(columns),
        wide(4),
        wide(1),
        when(left, [
          single.set(f64.load(at)),
          ...eachSolved([single.set(f64.sub(single, f64.mul(f64.load(entry), f64.load(other))))]),
          when(i32.eqz(unit), [single.set(f64.div(single, f64.load(pivot)))]),
          f64.store(at, single),
        ]),
      ]),
    ])
  },
)

/** Half of a length, in whole tiles. */
export const halfOf = (n: Code<'i32'>): Code<'i32'> => i32.and(i32.add(i32.shrU(n, 1), 3), -4)

/** Blocks up to this many rows are solved by substitution. */
const leaf = 16

/**
 * X ← T⁻¹ X for a triangular T `[n, n]` and X `[n, columns]`: halves of T one after the other, a product between them.
 * Each column solves a system whose matrix differs from T by at most n roundoffs an entry, to first order. `work` is
 * `gemmWork(n, columns, n)` bytes.
 */
export const trsm: Func<TrsmParams, 'none'> = /* @__PURE__ */ func('trsm', trsmParams, 'none', (p) => {
  const { n, columns, t, tRow, tColumn, lower, unit, x, xRow, work } = p
  const [half, rest, second, corner] = [local('i32'), local('i32'), local('i32'), local('i32')]
  const whole = { columns, tRow, tColumn, lower, unit, xRow, work }
  const upper = trsm.call({ ...whole, n: half, t, x })
  const bottom = trsm.call({ ...whole, n: rest, t: corner, x: second })
  const product = {
    ...{ n: columns, alpha: -1, aRow: tRow, aColumn: tColumn, bRow: xRow, bColumn: 1, beta: 1, cRow: xRow, work },
  }
  const skip = (stride: Local<'i32'>): Code<'i32'> => bytes(i32.mul(half, stride))
  return all([
    when(i32.or(i32.leS(n, leaf), i32.ltS(columns, 4)), [substitute.call(p), giveBack(nothing)]),
    half.set(halfOf(n)),
    rest.set(i32.sub(n, half)),
    second.set(i32.add(x, skip(xRow))),
    corner.set(i32.add(t, i32.add(skip(tRow), skip(tColumn)))),
    when(
      lower,
      [upper, gemm.call({ ...product, m: rest, k: half, a: i32.add(t, skip(tRow)), b: x, c: second }), bottom],
      [bottom, gemm.call({ ...product, m: half, k: rest, a: i32.add(t, skip(tColumn)), b: second, c: x }), upper],
    ),
  ])
})
