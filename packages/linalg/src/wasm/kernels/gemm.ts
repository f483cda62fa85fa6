import { all, type Code, local, type Operand } from '../assembler/code.ts'
import { branchIf, choose, forLoop, loop, select, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { i32 } from '../assembler/scalar.ts'
import { f32x4, f64x2, v128 } from '../assembler/simd.ts'
import { doubles, type Lanes, singles } from './lanes.ts'
import { packOf } from './pack.ts'

type I32 = Operand<'i32'>
type V128 = Code<'v128'>

/** a·b + c. */
type MultiplyAdd = (a: V128, b: V128, c: V128) => V128

// How a product is cut (Goto and van de Geijn 2008). The sums of a tile of 4 rows and 2 vectors fill half of the sixteen
// registers; a panel is 8 KiB deep, a block of A 128 KiB, of B at most 1 MiB. Singles are twice as deep as `k` doubles.
const blocking = { rows: 4, vectors: 2, m: 64, k: 256, n: 512 } as const

/** A tile at rest, where only a part of it is wanted. */
const tileBytes = 16 * blocking.rows * blocking.vectors

const least = (a: Code<'i32'>, b: Code<'i32'>): Code<'i32'> => i32.minS(a, b)

type TileParams<T extends 'f32' | 'f64'> = {
  readonly count: 'i32'
  readonly a: 'i32'
  readonly b: 'i32'
  readonly c: 'i32'
  readonly cRow: 'i32'
  readonly alpha: T
  readonly beta: T
  readonly rows: 'i32'
  readonly columns: 'i32'
  readonly spare: 'i32'
}

/** C = α A B + β C for one tile, from packed panels; β = 0 does not read C. `cRow` is in bytes. */
const tileOf = <T extends 'f32' | 'f64'>(
  { type, scalar, vector, loadSplat, size, count: lanes }: Lanes<T>,
  madd: MultiplyAdd,
): Func<TileParams<T>, 'none'> =>
  func<TileParams<T>, 'none'>(
    `tile_${type}`,
    {
      count: 'i32',
      a: 'i32',
      b: 'i32',
      c: 'i32',
      cRow: 'i32',
      alpha: type,
      beta: type,
      rows: 'i32',
      columns: 'i32',
      spare: 'i32',
    },
    'none',
    (p) => {
      const { count, a, b, c, cRow, alpha, beta, rows, columns, spare } = p
      const { rows: height, vectors } = blocking
      const width = vectors * lanes
      const sums = Array.from({ length: height }, () => Array.from({ length: vectors }, () => local('v128')))
      const row = Array.from({ length: vectors }, () => local('v128'))
      const [entry, scale, keep] = [local('v128'), local('v128'), local('v128')]
      const [i, j, from] = [local('i32'), local('i32'), local('i32')]
      // One step a round: of several, engines load everything first, run out of registers, and take longer.
      const step: readonly Code<'none'>[] = [
        ...row.map((it, v) => it.set(v128.load(b, 16 * v))),
        ...sums.flatMap((line, r) => [
          entry.set(loadSplat(a, r * size)),
          ...line.map((sum, v) => sum.set(madd(entry, row[v] as V128, sum))),
        ]),
        a.set(i32.add(a, height * size)),
        b.set(i32.add(b, width * size)),
      ]
      const overwrite = scalar.eq(beta, 0)
      const eachLine = (line: (r: number) => readonly Code<'none'>[]): readonly Code<'none'>[] =>
        sums.flatMap((_, r) => [...line(r), ...(r < height - 1 ? [c.set(i32.add(c, cRow))] : [])])
      const whole = when(
        overwrite,
        eachLine((r) => (sums[r] ?? []).map((sum, v) => v128.store(c, vector.mul(scale, sum), 16 * v))),
        [
          keep.set(vector.splat(beta)),
          ...eachLine((r) =>
            (sums[r] ?? []).map((sum, v) =>
              v128.store(c, vector.add(vector.mul(keep, v128.load(c, 16 * v)), vector.mul(scale, sum)), 16 * v),
            ),
          ),
        ],
      )
      const partial = all([
        ...sums.flatMap((line, r) =>
          line.map((sum, v) => v128.store(spare, vector.mul(scale, sum), (r * vectors + v) * 16)),
        ),
        forLoop(i, 0, rows, 1, [
          from.set(spare),
          forLoop(j, 0, columns, 1, [
            scalar.store(
              c,
              choose(overwrite, scalar.load(from), scalar.add(scalar.mul(beta, scalar.load(c)), scalar.load(from))),
            ),
            from.set(i32.add(from, size)),
            c.set(i32.add(c, size)),
          ]),
          spare.set(i32.add(spare, width * size)),
          c.set(i32.add(i32.sub(c, i32.mul(columns, size)), cRow)),
        ]),
      ])
      return all([
        when(count, [loop((again) => [...step, branchIf(again, count.tee(i32.sub(count, 1)))])]),
        scale.set(vector.splat(alpha)),
        when(i32.and(i32.eq(rows, height), i32.eq(columns, width)), [whole], [partial]),
      ])
    },
  )

export type GemmParams<T extends 'f32' | 'f64'> = {
  readonly m: 'i32'
  readonly n: 'i32'
  readonly k: 'i32'
  readonly alpha: T
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly aColumn: 'i32'
  readonly b: 'i32'
  readonly bRow: 'i32'
  readonly bColumn: 'i32'
  readonly beta: T
  readonly c: 'i32'
  readonly cRow: 'i32'
  readonly work: 'i32'
}

const gemmOf = <T extends 'f32' | 'f64'>(lanes: Lanes<T>, madd: MultiplyAdd): Func<GemmParams<T>, 'none'> => {
  const { type, shift, size } = lanes
  const cut = { ...blocking, k: (blocking.k * 8) / size }
  const width = cut.vectors * lanes.count
  const tile = tileOf(lanes, madd)
  const [packRows, packColumns] = [packOf(lanes, cut.rows), packOf(lanes, width)]
  const bytes = (count: I32): Code<'i32'> => i32.shl(count, shift)
  return func<GemmParams<T>, 'none'>(
    `gemm_${type}`,
    {
      ...{ m: 'i32', n: 'i32', k: 'i32', alpha: type, a: 'i32', aRow: 'i32', aColumn: 'i32' },
      ...{ b: 'i32', bRow: 'i32', bColumn: 'i32', beta: type, c: 'i32', cRow: 'i32', work: 'i32' },
    },
    'none',
    (p) => {
      const { m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, work } = p
      const [i0, j0, l0, i, j] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')]
      const [rows, columns, depth] = [local('i32'), local('i32'), local('i32')]
      const [panelsA, panelsB, keep] = [local('i32'), local('i32'), local(type)]
      const place = (start: Code<'i32'>, row: Code<'i32'>, rowStride: Code<'i32'>, column: Code<'i32'>, stride: I32) =>
        i32.add(start, bytes(i32.add(i32.mul(row, rowStride), i32.mul(column, stride))))
      return all([
        panelsA.set(i32.add(work, tileBytes)),
        forLoop(j0, 0, n, cut.n, [
          columns.set(least(i32.const(cut.n), i32.sub(n, j0))),
          keep.set(p.beta),
          // An inner length of 0 still has its one empty sum.
          forLoop(l0, 0, select(k, k, i32.const(1)), cut.k, [
            depth.set(least(i32.const(cut.k), i32.sub(k, l0))),
            panelsB.set(i32.add(panelsA, i32.mul(depth, cut.m * size))),
            forLoop(j, 0, columns, width, [
              packColumns.call({
                from: place(b, l0, bRow, i32.add(j0, j), bColumn),
                across: bColumn,
                along: bRow,
                width: least(i32.const(width), i32.sub(columns, j)),
                count: depth,
                to: i32.add(panelsB, bytes(i32.mul(j, depth))),
              }),
            ]),
            forLoop(i0, 0, m, cut.m, [
              rows.set(least(i32.const(cut.m), i32.sub(m, i0))),
              forLoop(i, 0, rows, cut.rows, [
                packRows.call({
                  from: place(a, i32.add(i0, i), aRow, l0, aColumn),
                  across: aRow,
                  along: aColumn,
                  width: least(i32.const(cut.rows), i32.sub(rows, i)),
                  count: depth,
                  to: i32.add(panelsA, bytes(i32.mul(i, depth))),
                }),
              ]),
              forLoop(j, 0, columns, width, [
                forLoop(i, 0, rows, cut.rows, [
                  tile.call({
                    count: depth,
                    a: i32.add(panelsA, bytes(i32.mul(i, depth))),
                    b: i32.add(panelsB, bytes(i32.mul(j, depth))),
                    c: place(c, i32.add(i0, i), cRow, i32.add(j0, j), 1),
                    cRow: bytes(cRow),
                    alpha: p.alpha,
                    beta: keep,
                    rows: least(i32.const(cut.rows), i32.sub(rows, i)),
                    columns: least(i32.const(width), i32.sub(columns, j)),
                    spare: work,
                  }),
                ]),
              ]),
            ]),
            keep.set(1),
          ]),
        ]),
      ])
    },
  )
}

/**
 * C = α A B + β C, `[m, k] · [k, n] → [m, n]`, of doubles: entry (i, j) of A is `i·aRow + j·aColumn` numbers behind `a`, a
 * place in bytes, so that transposes are exchanged strides; rows of C are `cRow` numbers apart. With β = 0, C is not
 * read. `work` is `gemmWork(m, n, k)` bytes that belong to the call.
 */
export const gemm: Func<GemmParams<'f64'>, 'none'> = /* @__PURE__ */ gemmOf(doubles, (a, b, c) =>
  f64x2.add(f64x2.mul(a, b), c),
)

/** The same of singles, summed in single precision. */
export const gemmF32: Func<GemmParams<'f32'>, 'none'> = /* @__PURE__ */ gemmOf(singles, (a, b, c) =>
  f32x4.add(f32x4.mul(a, b), c),
)

/**
 * The same with products and sums rounded together where the machine can: closer, and up to twice as fast, but not the
 * same bits everywhere. Only for engines of which `hasRelaxedSimd()` is true.
 */
export const gemmRelaxed: Func<GemmParams<'f64'>, 'none'> = /* @__PURE__ */ gemmOf(doubles, f64x2.relaxedMadd)
export const gemmRelaxedF32: Func<GemmParams<'f32'>, 'none'> = /* @__PURE__ */ gemmOf(singles, f32x4.relaxedMadd)

/** Bytes that `gemm` and `gemmF32` need to work in; larger sides never need less. */
export const gemmWork = (_m: number, n: number, k: number): number =>
  tileBytes + 8 * Math.min(blocking.k, k) * (blocking.m + 8 * Math.ceil(Math.min(blocking.n, n) / 8))
