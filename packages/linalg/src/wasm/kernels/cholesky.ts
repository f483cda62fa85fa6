import { type Code, local, seq } from '../assembler/code.ts'
import { forLoop, giveBack, select, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { f64, i32 } from '../assembler/scalar.ts'
import { gemm } from './gemm.ts'
import { halfOf, trsm } from './triangular.ts'
import { axpy } from './vector.ts'

export type CholeskyParams = { readonly n: 'i32'; readonly a: 'i32'; readonly aRow: 'i32'; readonly work: 'i32' }

const params: CholeskyParams = { n: 'i32', a: 'i32', aRow: 'i32', work: 'i32' }

const bytes = (count: Code<'i32'>): Code<'i32'> => i32.shl(count, 3)

/** U with Uᵀ U = A in the upper triangle, row by row; the failing pivot or −1. */
const plain: Func<CholeskyParams, 'i32'> = /* @__PURE__ */ func('cholesky_plain', params, 'i32', ({ n, a, aRow }) => {
  const [k, i, pivot, row, below, entry] = [
    local('i32'),
    local('i32'),
    local('f64'),
    local('i32'),
    local('i32'),
    local('i32'),
  ]
  return seq(
    row.set(a),
    forLoop(k, 0, n, 1, [
      pivot.set(f64.load(row)),
      when(i32.eqz(i32.and(f64.gt(pivot, 0), f64.lt(pivot, Number.POSITIVE_INFINITY))), [giveBack(k)]),
      pivot.set(f64.sqrt(pivot)),
      f64.store(row, pivot),
      entry.set(i32.add(row, 8)),
      below.set(i32.add(row, bytes(aRow))),
      forLoop(i, i32.add(k, 1), n, 1, [
        f64.store(entry, f64.div(f64.load(entry), pivot)),
        entry.set(i32.add(entry, 8)),
      ]),
      entry.set(i32.add(row, 8)),
      forLoop(i, i32.add(k, 1), n, 1, [
        below.set(i32.add(below, 8)),
        axpy.call({ n: i32.sub(n, i), alpha: f64.neg(f64.load(entry)), x: entry, y: below }),
        below.set(i32.add(below, bytes(aRow))),
        entry.set(i32.add(entry, 8)),
      ]),
      row.set(i32.add(row, bytes(i32.add(aRow, 1)))),
    ]),
    i32.const(-1),
  )
})

const leaf = 16
const band = 64

/** The same in halves: U₁₁, then U₁₂ = U₁₁⁻ᵀ A₁₂, then A₂₂ − U₁₂ᵀ U₁₂ in the same way. */
const upper: Func<CholeskyParams, 'i32'> = /* @__PURE__ */ func(
  'cholesky_upper',
  params,
  'i32',
  ({ n, a, aRow, work }) => {
    const [half, rest, right, corner] = [local('i32'), local('i32'), local('i32'), local('i32')]
    const [failed, i, rows] = [local('i32'), local('i32'), local('i32')]
    return seq(
      when(i32.leS(n, leaf), [giveBack(plain.call({ n, a, aRow, work }))]),
      half.set(halfOf(n)),
      rest.set(i32.sub(n, half)),
      failed.set(upper.call({ n: half, a, aRow, work })),
      when(i32.geS(failed, 0), [giveBack(failed)]),
      right.set(i32.add(a, bytes(half))),
      trsm.call({
        ...{ n: half, columns: rest, t: a, tRow: 1, tColumn: aRow, lower: 1, unit: 0, x: right, xRow: aRow, work },
      }),
      corner.set(i32.add(right, bytes(i32.mul(half, aRow)))),
      forLoop(i, 0, rest, band, [
        rows.set(i32.minS(i32.const(band), i32.sub(rest, i))),
        gemm.call({
          ...{ m: rows, n: i32.sub(rest, i), k: half, alpha: -1, beta: 1, cRow: aRow, work },
          ...{
            a: i32.add(right, bytes(i)),
            aRow: 1,
            aColumn: aRow,
            b: i32.add(right, bytes(i)),
            bRow: aRow,
            bColumn: 1,
          },
          c: i32.add(corner, bytes(i32.mul(i, i32.add(aRow, 1)))),
        }),
      ]),
      failed.set(upper.call({ n: rest, a: corner, aRow, work })),
      select(i32.ltS(failed, 0), failed, i32.add(half, failed)),
    )
  },
)

/**
 * L with L Lᵀ = A in the place of A `[n, n]`, of which only the lower triangle is read; zeros above the diagonal. Gives the
 * first pivot that is not positive and finite, or −1 if there is none. `work` is `gemmWork(n, n, n)` bytes.
 */
export const cholesky: Func<CholeskyParams, 'i32'> = /* @__PURE__ */ func(
  'cholesky',
  params,
  'i32',
  ({ n, a, aRow, work }) => {
    const [i, j, low, high, failed] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')]
    /** Walks along rows below the diagonal and, at the same time, down columns above it. */
    const mirror = (exchange: readonly Code<'none'>[]): Code<'none'> =>
      forLoop(i, 1, n, 1, [
        low.set(i32.add(a, bytes(i32.mul(i, aRow)))),
        high.set(i32.add(a, bytes(i))),
        forLoop(j, 0, i, 1, [...exchange, low.set(i32.add(low, 8)), high.set(i32.add(high, bytes(aRow)))]),
      ])
    return seq(
      // Rows are what is contiguous, so the work is done on the upper triangle.
      mirror([f64.store(high, f64.load(low))]),
      failed.set(upper.call({ n, a, aRow, work })),
      mirror([f64.store(low, f64.load(high)), f64.store(high, 0)]),
      failed,
    )
  },
)
