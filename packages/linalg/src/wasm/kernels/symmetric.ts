import { all, type Code, type Local, local } from '../assembler/code.ts'
import { forLoop, select, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { i32, memory } from '../assembler/scalar.ts'
import { v128 } from '../assembler/simd.ts'
import { type GemmParams, gemm, gemmF32 } from './gemm.ts'
import { doubles, type Lanes, singles } from './lanes.ts'
import { sweep } from './sweep.ts'
import { type ScalParams, scal, scalF32 } from './vector.ts'

type Float = 'f32' | 'f64'

export type SymvParams<T extends Float> = {
  readonly n: 'i32'
  readonly alpha: T
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly x: 'i32'
  readonly beta: T
  readonly y: 'i32'
}

const symvOf = <T extends Float>(lanes: Lanes<T>, scal: Func<ScalParams<T>, 'none'>): Func<SymvParams<T>, 'none'> => {
  return func<SymvParams<T>, 'none'>(
    `symv_${lanes.type}`,
    { n: 'i32', alpha: lanes.type, a: 'i32', aRow: 'i32', x: 'i32', beta: lanes.type, y: 'i32' },
    'none',
    ({ n, alpha, a, aRow, x, beta, y }) => {
      const { vector, scalar, shift, total } = lanes
      const [i, p, q, r] = [local('i32'), local('i32'), local('i32'), local('i32')]
      const [single, tail, factor, entry] = [local(lanes.type), local(lanes.type), local('v128'), local('v128')]
      const sums = [local('v128'), local('v128')] as const
      const at = (start: Code<'i32'>): Code<'i32'> => i32.add(start, i32.shl(i, shift))
      return all([
        when(scalar.eq(beta, 0), [memory.fill(y, 0, i32.shl(n, shift))], [scal.call({ n, alpha: beta, x: y })]),
        forLoop(i, 0, n, 1, [
          single.set(scalar.mul(alpha, scalar.load(at(x)))),
          factor.set(vector.splat(single)),
          ...sums.map((sum) => sum.set(vector.const(0))),
          tail.set(0),
          p.set(a),
          q.set(x),
          r.set(y),
          sweep(
            lanes,
            i,
            [p, q, r],
            2,
            (u, offset) => {
              const sum = sums[u] as Local<'v128'>
              return [
                entry.set(v128.load(p, offset)),
                sum.set(vector.add(sum, vector.mul(entry, v128.load(q, offset)))),
                v128.store(r, vector.add(v128.load(r, offset), vector.mul(entry, factor)), offset),
              ]
            },
            [
              tail.set(scalar.add(tail, scalar.mul(scalar.load(p), scalar.load(q)))),
              scalar.store(r, scalar.add(scalar.load(r), scalar.mul(scalar.load(p), single))),
            ],
          ),
          // p, q and r have arrived at column i.
          tail.set(scalar.add(tail, scalar.mul(scalar.load(p), scalar.load(q)))),
          tail.set(scalar.add(tail, total(vector.add(sums[0], sums[1])))),
          scalar.store(r, scalar.add(scalar.load(r), scalar.mul(alpha, tail))),
          a.set(i32.add(a, i32.shl(aRow, shift))),
        ]),
      ])
    },
  )
}

/** y ← α A x + β y for a symmetric A `[n, n]`, of which only the lower triangle is read, each entry once. */
export const symv: Func<SymvParams<'f64'>, 'none'> = /* @__PURE__ */ symvOf(doubles, scal)
export const symvF32: Func<SymvParams<'f32'>, 'none'> = /* @__PURE__ */ symvOf(singles, scalF32)

export type Syr2Params<T extends Float> = {
  readonly n: 'i32'
  readonly alpha: T
  readonly x: 'i32'
  readonly y: 'i32'
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly half: 'i32'
}

const syr2Of = <T extends Float>(lanes: Lanes<T>): Func<Syr2Params<T>, 'none'> =>
  func<Syr2Params<T>, 'none'>(
    `syr2_${lanes.type}`,
    { n: 'i32', alpha: lanes.type, x: 'i32', y: 'i32', a: 'i32', aRow: 'i32', half: 'i32' },
    'none',
    ({ n, alpha, x, y, a, aRow, half }) => {
      const { vector, scalar, shift } = lanes
      const [i, p, q, r] = [local('i32'), local('i32'), local('i32'), local('i32')]
      const [xi, yi, scale] = [local('v128'), local('v128'), local('v128')]
      const [x1, y1] = [local(lanes.type), local(lanes.type)]
      const at = (start: Code<'i32'>): Code<'i32'> => i32.add(start, i32.shl(i, shift))
      return all([
        scale.set(vector.splat(alpha)),
        forLoop(i, 0, n, 1, [
          x1.set(scalar.load(at(x))),
          y1.set(scalar.load(at(y))),
          xi.set(vector.splat(x1)),
          yi.set(vector.splat(y1)),
          p.set(a),
          q.set(x),
          r.set(y),
          sweep(
            lanes,
            select(half, i32.add(i, 1), n),
            [p, q, r],
            2,
            (_, offset) => [
              v128.store(
                p,
                vector.add(
                  v128.load(p, offset),
                  vector.mul(
                    scale,
                    vector.add(vector.mul(xi, v128.load(r, offset)), vector.mul(yi, v128.load(q, offset))),
                  ),
                ),
                offset,
              ),
            ],
            [
              scalar.store(
                p,
                scalar.add(
                  scalar.load(p),
                  scalar.mul(alpha, scalar.add(scalar.mul(x1, scalar.load(r)), scalar.mul(y1, scalar.load(q)))),
                ),
              ),
            ],
          ),
          a.set(i32.add(a, i32.shl(aRow, shift))),
        ]),
      ])
    },
  )

/**
 * A ← A + α (x yᵀ + y xᵀ), `[n, n]`: all of it, or the lower triangle where `half` is 1. A symmetric A stays symmetric to
 * the last bit. With y = ½x it is α x xᵀ, and any quadratic form of x and y is one such update.
 */
export const syr2: Func<Syr2Params<'f64'>, 'none'> = /* @__PURE__ */ syr2Of(doubles)
export const syr2F32: Func<Syr2Params<'f32'>, 'none'> = /* @__PURE__ */ syr2Of(singles)

export type SyrkParams<T extends Float> = {
  readonly n: 'i32'
  readonly k: 'i32'
  readonly alpha: T
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly aColumn: 'i32'
  readonly beta: T
  readonly c: 'i32'
  readonly cRow: 'i32'
  readonly work: 'i32'
}

const band = 64

const syrkOf = <T extends Float>(lanes: Lanes<T>, gemm: Func<GemmParams<T>, 'none'>): Func<SyrkParams<T>, 'none'> =>
  func<SyrkParams<T>, 'none'>(
    `syrk_${lanes.type}`,
    {
      ...{ n: 'i32', k: 'i32', alpha: lanes.type, a: 'i32', aRow: 'i32', aColumn: 'i32' },
      ...{ beta: lanes.type, c: 'i32', cRow: 'i32', work: 'i32' },
    },
    'none',
    ({ n, k, alpha, a, aRow, aColumn, beta, c, cRow, work }) => {
      const [i, rows] = [local('i32'), local('i32')]
      const skip = (stride: Code<'i32'>): Code<'i32'> => i32.shl(i32.mul(i, stride), lanes.shift)
      return forLoop(i, 0, n, band, [
        rows.set(i32.minS(i32.const(band), i32.sub(n, i))),
        gemm.call({
          ...{ m: rows, n: i32.add(i, rows), k, alpha, a: i32.add(a, skip(aRow)), aRow, aColumn },
          ...{ b: a, bRow: aColumn, bColumn: aRow, beta, c: i32.add(c, skip(cRow)), cRow, work },
        }),
      ])
    },
  )

/**
 * C ← α A Aᵀ + β C, `[n, k] → [n, n]`, in bands of 64 rows up to their diagonal blocks: the lower triangle, and above it
 * whatever stands inside a diagonal block. Strides and `work` as those of `gemm` for (n, n, k).
 */
export const syrk: Func<SyrkParams<'f64'>, 'none'> = /* @__PURE__ */ syrkOf(doubles, gemm)
export const syrkF32: Func<SyrkParams<'f32'>, 'none'> = /* @__PURE__ */ syrkOf(singles, gemmF32)
