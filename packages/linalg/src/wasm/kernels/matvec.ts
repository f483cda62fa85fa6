import { all, type Code, type Local, local } from '../assembler/code.ts'
import { forLoop, when, whileLoop } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { i32, memory } from '../assembler/scalar.ts'
import { v128 } from '../assembler/simd.ts'
import { doubles, type Lanes, singles } from './lanes.ts'
import { sweep } from './sweep.ts'
import { type AxpyParams, axpy, axpyF32, type ScalParams, scal, scaledBy, scalF32 } from './vector.ts'

type Float = 'f32' | 'f64'

/** A matrix of m rows of n numbers, `aRow` numbers apart, beside a vector that is read and one that is written. */
export type GemvParams<T extends Float> = {
  readonly m: 'i32'
  readonly n: 'i32'
  readonly alpha: T
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly x: 'i32'
  readonly beta: T
  readonly y: 'i32'
}

const gemvParams = <T extends Float>(type: T): GemvParams<T> => ({
  ...{ m: 'i32', n: 'i32', alpha: type, a: 'i32', aRow: 'i32', x: 'i32', beta: type, y: 'i32' },
})

const times = <A>(count: number, make: (i: number) => A): readonly A[] =>
  Array.from({ length: count }, (_, i) => make(i))

/** Rows four by four, each with a running sum of vectors; what is left of rows one by one. */
const gemvOf = <T extends Float>(lanes: Lanes<T>): Func<GemvParams<T>, 'none'> =>
  func<GemvParams<T>, 'none'>(
    `gemv_${lanes.type}`,
    gemvParams(lanes.type),
    'none',
    ({ m, n, alpha, a, aRow, x, beta, y }) => {
      const { vector, scalar, shift, size, total } = lanes
      const zero = vector.const(0)
      const left = local('i32')
      const group = (height: number): Code<'none'> => {
        const rows = times(height, () => local('i32'))
        const sums = times(height, () => local('v128'))
        const tails = times(height, () => local(lanes.type))
        const [factor, q] = [local('v128'), local('i32')]
        const sumOf = (r: number): Local<'v128'> => sums[r] as Local<'v128'>
        const tailOf = (r: number): Local<T> => tails[r] as Local<T>
        return whileLoop(i32.geS(left, height), [
          ...rows.flatMap((row, r) => [row.set(a), a.set(i32.add(a, aRow)), sumOf(r).set(zero), tailOf(r).set(0)]),
          q.set(x),
          sweep(
            lanes,
            n,
            [...rows, q],
            1,
            (_, at) => [
              factor.set(v128.load(q, at)),
              ...rows.map((row, r) => sumOf(r).set(vector.add(sumOf(r), vector.mul(v128.load(row, at), factor)))),
            ],
            rows.map((row, r) => tailOf(r).set(scalar.add(tailOf(r), scalar.mul(scalar.load(row), scalar.load(q))))),
          ),
          ...rows.flatMap((_, r) => [
            scalar.store(
              y,
              scalar.add(
                scaledBy(lanes, beta, scalar.load(y)),
                scalar.mul(alpha, scalar.add(total(sumOf(r)), tailOf(r))),
              ),
            ),
            y.set(i32.add(y, size)),
          ]),
          left.set(i32.sub(left, height)),
        ])
      }
      return all([aRow.set(i32.shl(aRow, shift)), left.set(m), group(4), group(1)])
    },
  )

/** y ← α A x + β y, `[m, n] · [n] → [m]`; with β = 0, y is not read. */
export const gemv: Func<GemvParams<'f64'>, 'none'> = /* @__PURE__ */ gemvOf(doubles)
export const gemvF32: Func<GemvParams<'f32'>, 'none'> = /* @__PURE__ */ gemvOf(singles)

/** Four rows at a time are added to y, so that y is read and written once for four of them. */
const gemvTOf = <T extends Float>(lanes: Lanes<T>, scal: Func<ScalParams<T>, 'none'>): Func<GemvParams<T>, 'none'> => {
  return func<GemvParams<T>, 'none'>(
    `gemvT_${lanes.type}`,
    gemvParams(lanes.type),
    'none',
    ({ m, n, alpha, a, aRow, x, beta, y }) => {
      const { vector, scalar, shift, size } = lanes
      const left = local('i32')
      const group = (height: number): Code<'none'> => {
        const rows = times(height, () => local('i32'))
        const factors = times(height, () => local('v128'))
        const singles = times(height, () => local(lanes.type))
        const q = local('i32')
        const pairs = rows.map((row, r) => [row, factors[r] as Local<'v128'>, singles[r] as Local<T>] as const)
        return whileLoop(i32.geS(left, height), [
          ...pairs.flatMap(([row, factor, single]) => [
            row.set(a),
            a.set(i32.add(a, aRow)),
            single.set(scalar.mul(alpha, scalar.load(x))),
            factor.set(vector.splat(single)),
            x.set(i32.add(x, size)),
          ]),
          q.set(y),
          sweep(
            lanes,
            n,
            [...rows, q],
            2,
            (_, at) => [
              v128.store(
                q,
                pairs.reduce<Code<'v128'>>(
                  (sum, [row, factor]) => vector.add(sum, vector.mul(v128.load(row, at), factor)),
                  v128.load(q, at),
                ),
                at,
              ),
            ],
            [
              scalar.store(
                q,
                pairs.reduce<Code<T>>(
                  (sum, [row, , single]) => scalar.add(sum, scalar.mul(scalar.load(row), single)),
                  scalar.load(q),
                ),
              ),
            ],
          ),
          left.set(i32.sub(left, height)),
        ])
      }
      return all([
        aRow.set(i32.shl(aRow, shift)),
        when(
          scalar.eq(beta, 0),
          [memory.fill(y, 0, i32.shl(n, shift))],
          [when(scalar.ne(beta, 1), [scal.call({ n, alpha: beta, x: y })])],
        ),
        left.set(m),
        group(4),
        group(1),
      ])
    },
  )
}

/** y ← α Aᵀ x + β y, `[m, n]ᵀ · [m] → [n]`; with β = 0, y is not read. */
export const gemvT: Func<GemvParams<'f64'>, 'none'> = /* @__PURE__ */ gemvTOf(doubles, scal)
export const gemvTF32: Func<GemvParams<'f32'>, 'none'> = /* @__PURE__ */ gemvTOf(singles, scalF32)

export type GerParams<T extends Float> = {
  readonly m: 'i32'
  readonly n: 'i32'
  readonly alpha: T
  readonly x: 'i32'
  readonly y: 'i32'
  readonly a: 'i32'
  readonly aRow: 'i32'
}

const gerOf = <T extends Float>(lanes: Lanes<T>, axpy: Func<AxpyParams<T>, 'none'>): Func<GerParams<T>, 'none'> => {
  return func<GerParams<T>, 'none'>(
    `ger_${lanes.type}`,
    { m: 'i32', n: 'i32', alpha: lanes.type, x: 'i32', y: 'i32', a: 'i32', aRow: 'i32' },
    'none',
    ({ m, n, alpha, x, y, a, aRow }) => {
      const { scalar, shift, size } = lanes
      const i = local('i32')
      return forLoop(i, 0, m, 1, [
        axpy.call({ n, alpha: scalar.mul(alpha, scalar.load(x)), x: y, y: a }),
        x.set(i32.add(x, size)),
        a.set(i32.add(a, i32.shl(aRow, shift))),
      ])
    },
  )
}

/** A ← A + α x yᵀ, `[m, n]`. */
export const ger: Func<GerParams<'f64'>, 'none'> = /* @__PURE__ */ gerOf(doubles, axpy)
export const gerF32: Func<GerParams<'f32'>, 'none'> = /* @__PURE__ */ gerOf(singles, axpyF32)
