import { all, type Code, type Local, local, type Operand, seq } from '../assembler/code.ts'
import { choose, giveBack, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { f32, f64, i32 } from '../assembler/scalar.ts'
import { f64x2, v128 } from '../assembler/simd.ts'
import { doubles, type Lanes, singles } from './lanes.ts'
import { sweep } from './sweep.ts'

type Float = 'f32' | 'f64'
export type DotParams = { readonly n: 'i32'; readonly x: 'i32'; readonly y: 'i32' }
export type AxpyParams<T extends Float> = { readonly n: 'i32'; readonly alpha: T; readonly x: 'i32'; readonly y: 'i32' }
export type ScalParams<T extends Float> = { readonly n: 'i32'; readonly alpha: T; readonly x: 'i32' }
export type FoldParams = { readonly n: 'i32'; readonly x: 'i32' }

const four = (): readonly Local<'v128'>[] => Array.from({ length: 4 }, () => local('v128'))

/** The sum of four vectors of running sums. */
const totalOf = <T extends Float>({ vector, total }: Lanes<T>, sums: readonly Code<'v128'>[]): Code<T> => {
  const [a, b, c, d] = sums as readonly [Code<'v128'>, Code<'v128'>, Code<'v128'>, Code<'v128'>]
  return total(vector.add(vector.add(a, b), vector.add(c, d)))
}

const dotOf = <T extends Float>(lanes: Lanes<T>): Func<DotParams, T> =>
  func(`dot_${lanes.type}`, { n: 'i32', x: 'i32', y: 'i32' }, lanes.type, ({ n, x, y }) => {
    const { vector, scalar } = lanes
    const [sums, tail] = [four(), local(lanes.type)]
    return seq(
      sweep(
        lanes,
        n,
        [x, y],
        4,
        (u, at) => {
          const sum = sums[u] as Local<'v128'>
          return [sum.set(vector.add(sum, vector.mul(v128.load(x, at), v128.load(y, at))))]
        },
        [tail.set(scalar.add(tail, scalar.mul(scalar.load(x), scalar.load(y))))],
      ),
      scalar.add(totalOf(lanes, sums), tail),
    )
  })

/** Σ xᵢ yᵢ in running sums, one for each of four vectors' lanes; of singles in single precision. */
export const dot: Func<DotParams, 'f64'> = /* @__PURE__ */ dotOf(doubles)
export const dotF32: Func<DotParams, 'f32'> = /* @__PURE__ */ dotOf(singles)

const axpyOf = <T extends Float>(lanes: Lanes<T>): Func<AxpyParams<T>, 'none'> =>
  func<AxpyParams<T>, 'none'>(
    `axpy_${lanes.type}`,
    { n: 'i32', alpha: lanes.type, x: 'i32', y: 'i32' },
    'none',
    ({ n, alpha, x, y }) => {
      const { vector, scalar } = lanes
      const factor = local('v128')
      return all([
        factor.set(vector.splat(alpha)),
        sweep(
          lanes,
          n,
          [x, y],
          4,
          (_, at) => [v128.store(y, vector.add(v128.load(y, at), vector.mul(factor, v128.load(x, at))), at)],
          [scalar.store(y, scalar.add(scalar.load(y), scalar.mul(alpha, scalar.load(x))))],
        ),
      ])
    },
  )

/** y ← α x + y. */
export const axpy: Func<AxpyParams<'f64'>, 'none'> = /* @__PURE__ */ axpyOf(doubles)
export const axpyF32: Func<AxpyParams<'f32'>, 'none'> = /* @__PURE__ */ axpyOf(singles)

const scalOf = <T extends Float>(lanes: Lanes<T>): Func<ScalParams<T>, 'none'> =>
  func<ScalParams<T>, 'none'>(
    `scal_${lanes.type}`,
    { n: 'i32', alpha: lanes.type, x: 'i32' },
    'none',
    ({ n, alpha, x }) => {
      const { vector, scalar } = lanes
      const factor = local('v128')
      return all([
        factor.set(vector.splat(alpha)),
        sweep(lanes, n, [x], 4, (_, at) => [v128.store(x, vector.mul(factor, v128.load(x, at)), at)], [
          scalar.store(x, scalar.mul(alpha, scalar.load(x))),
        ]),
      ])
    },
  )

/** x ← α x. */
export const scal: Func<ScalParams<'f64'>, 'none'> = /* @__PURE__ */ scalOf(doubles)
export const scalF32: Func<ScalParams<'f32'>, 'none'> = /* @__PURE__ */ scalOf(singles)

/** Up to so many numbers are summed in running sums; more of them in halves. */
const leaf = 512

const sumOf = <T extends Float>(lanes: Lanes<T>): Func<FoldParams, T> => {
  const self: Func<FoldParams, T> = func(`sum_${lanes.type}`, { n: 'i32', x: 'i32' }, lanes.type, ({ n, x }) => {
    const { vector, scalar, size } = lanes
    const [sums, tail, half] = [four(), local(lanes.type), local('i32')]
    return seq(
      when(i32.gtS(n, leaf), [
        half.set(i32.and(i32.shrU(n, 1), -16)),
        giveBack(
          scalar.add(self.call({ n: half, x }), self.call({ n: i32.sub(n, half), x: i32.add(x, i32.mul(half, size)) })),
        ),
      ]),
      sweep(
        lanes,
        n,
        [x],
        4,
        (u, at) => {
          const sum = sums[u] as Local<'v128'>
          return [sum.set(vector.add(sum, v128.load(x, at)))]
        },
        [tail.set(scalar.add(tail, scalar.load(x)))],
      ),
      scalar.add(totalOf(lanes, sums), tail),
    )
  })
  return self
}

/**
 * Σ xᵢ in halves down to 512 numbers (Higham 2002, section 4.2): the error is at most (70 + log₂ n) roundoffs of Σ|xᵢ|,
 * of singles in single precision 40 + log₂ n.
 */
export const sum: Func<FoldParams, 'f64'> = /* @__PURE__ */ sumOf(doubles)
export const sumF32: Func<FoldParams, 'f32'> = /* @__PURE__ */ sumOf(singles)

/** Euclidean length, also where squares overflow or vanish: then once more, divided by the largest entry. */
export const nrm2: Func<FoldParams, 'f64'> = /* @__PURE__ */ func('nrm2', { n: 'i32', x: 'i32' }, 'f64', ({ n, x }) => {
  const [p, squares, top] = [local('i32'), local('f64'), local('f64')]
  const [tops, divisor, scaled] = [local('v128'), local('v128'), [local('v128'), local('f64')] as const]
  const entry = local('v128')
  return seq(
    squares.set(dot.call({ n, x, y: x })),
    // NaN goes this way too: it is its own answer.
    when(i32.eqz(i32.or(f64.le(squares, 1e-280), f64.eq(squares, Number.POSITIVE_INFINITY))), [
      giveBack(f64.sqrt(squares)),
    ]),
    p.set(x),
    sweep(doubles, n, [p], 1, () => [tops.set(f64x2.pmax(tops, f64x2.abs(v128.load(p))))], [
      top.set(f64.max(top, f64.abs(f64.load(p)))),
    ]),
    top.set(f64.max(top, f64.max(f64x2.extract(tops, 0), f64x2.extract(tops, 1)))),
    when(i32.or(f64.eq(top, 0), f64.eq(top, Number.POSITIVE_INFINITY)), [giveBack(top)]),
    divisor.set(f64x2.splat(top)),
    p.set(x),
    sweep(
      doubles,
      n,
      [p],
      1,
      () => [entry.set(f64x2.div(v128.load(p), divisor)), scaled[0].set(f64x2.add(scaled[0], f64x2.mul(entry, entry)))],
      [squares.set(f64.div(f64.load(p), top)), scaled[1].set(f64.add(scaled[1], f64.mul(squares, squares)))],
    ),
    f64.mul(top, f64.sqrt(f64.add(scaled[1], doubles.total(scaled[0])))),
  )
})

/** Euclidean length of singles, summed in double, where their squares do not overflow. */
export const nrm2F32: Func<FoldParams, 'f32'> = /* @__PURE__ */ func(
  'nrm2_f32',
  { n: 'i32', x: 'i32' },
  'f32',
  ({ n, x }) => {
    const [sums, low, high, tail] = [local('v128'), local('v128'), local('v128'), local('f64')]
    return seq(
      sweep(
        singles,
        n,
        [x],
        1,
        () => [
          low.set(f64x2.promoteLow(v128.load64Zero(x))),
          high.set(f64x2.promoteLow(v128.load64Zero(x, 8))),
          sums.set(f64x2.add(sums, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)))),
        ],
        [tail.set(f64.add(tail, f64.mul(f64.promote(f32.load(x)), f64.promote(f32.load(x)))))],
      ),
      f32.demote(f64.sqrt(f64.add(tail, doubles.total(sums)))),
    )
  },
)

/** β y, where 0 forgets what y was. */
export const scaledBy = <T extends Float>({ scalar }: Lanes<T>, beta: Operand<T>, y: Code<T>): Code<T> =>
  choose(scalar.eq(beta, 0), scalar.const(0), scalar.mul(beta, y))
