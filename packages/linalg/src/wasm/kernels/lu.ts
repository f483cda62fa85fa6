import { type Code, local, seq } from '../assembler/code.ts'
import { forLoop, giveBack, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { f64, i32 } from '../assembler/scalar.ts'
import { v128 } from '../assembler/simd.ts'
import { gemm } from './gemm.ts'
import { doubles } from './lanes.ts'
import { sweep } from './sweep.ts'
import { halfOf, trsm } from './triangular.ts'
import { axpy } from './vector.ts'

/** A column block of m rows and w columns inside a matrix: `start` is where its first row begins, `all` its length. */
type PanelParams = {
  readonly m: 'i32'
  readonly w: 'i32'
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly start: 'i32'
  readonly all: 'i32'
  readonly order: 'i32'
  readonly work: 'i32'
}

const panelParams: PanelParams = {
  ...{ m: 'i32', w: 'i32', a: 'i32', aRow: 'i32', start: 'i32', all: 'i32', order: 'i32', work: 'i32' },
}

const bytes = (count: Code<'i32'>): Code<'i32'> => i32.shl(count, 3)

type SwapParams = { readonly n: 'i32'; readonly x: 'i32'; readonly y: 'i32' }

const swap: Func<SwapParams, 'none'> = /* @__PURE__ */ func(
  'swap',
  { n: 'i32', x: 'i32', y: 'i32' },
  'none',
  ({ n, x, y }) => {
    const [pair, one] = [local('v128'), local('f64')]
    return sweep(
      doubles,
      n,
      [x, y],
      1,
      () => [pair.set(v128.load(x)), v128.store(x, v128.load(y)), v128.store(y, pair)],
      [one.set(f64.load(x)), f64.store(x, f64.load(y)), f64.store(y, one)],
    )
  },
)

/** Column by column; the number of exchanges. Whole rows are exchanged: they are contiguous. */
const plain: Func<PanelParams, 'i32'> = /* @__PURE__ */ func(
  'lu_plain',
  panelParams,
  'i32',
  ({ m, w, a, aRow, start, all, order }) => {
    const [k, i, found, swaps, at, top] = [
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
    ]
    const [largest, size, pivot, factor, one, other] = [
      local('f64'),
      local('f64'),
      local('f64'),
      local('f64'),
      local('i32'),
      local('i32'),
    ]
    const rowOf = (row: Code<'i32'>): Code<'i32'> => bytes(i32.mul(row, aRow))
    const next = at.set(i32.add(at, bytes(aRow)))
    return seq(
      forLoop(k, 0, w, 1, [
        top.set(i32.add(a, i32.add(rowOf(k), bytes(k)))),
        at.set(top),
        found.set(k),
        largest.set(f64.abs(f64.load(top))),
        forLoop(i, i32.add(k, 1), m, 1, [
          next,
          size.set(f64.abs(f64.load(at))),
          // A NaN counts as the largest, so that it is found.
          when(i32.or(f64.gt(size, largest), f64.ne(size, size)), [largest.set(size), found.set(i)]),
        ]),
        when(i32.ne(found, k), [
          swap.call({ n: all, x: i32.add(start, rowOf(k)), y: i32.add(start, rowOf(found)) }),
          one.set(i32.add(order, i32.shl(k, 2))),
          other.set(i32.add(order, i32.shl(found, 2))),
          i.set(i32.load(one)),
          i32.store(one, i32.load(other)),
          i32.store(other, i),
          swaps.set(i32.add(swaps, 1)),
        ]),
        pivot.set(f64.load(top)),
        // A column of zeros is eliminated already.
        when(f64.ne(pivot, 0), [
          at.set(top),
          forLoop(i, i32.add(k, 1), m, 1, [
            next,
            factor.set(f64.div(f64.load(at), pivot)),
            f64.store(at, factor),
            axpy.call({ n: i32.sub(i32.sub(w, k), 1), alpha: f64.neg(factor), x: i32.add(top, 8), y: i32.add(at, 8) }),
          ]),
        ]),
      ]),
      swaps,
    )
  },
)

const leaf = 8

/** The left half of the columns, what it does to the right half, and the rest of that (Toledo 1997). */
const panel: Func<PanelParams, 'i32'> = /* @__PURE__ */ func(
  'lu_panel',
  panelParams,
  'i32',
  ({ m, w, a, aRow, start, all, order, work }) => {
    const [half, rest, swaps, right, down, below] = [
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
    ]
    return seq(
      when(i32.leS(w, leaf), [giveBack(plain.call({ m, w, a, aRow, start, all, order, work }))]),
      half.set(halfOf(w)),
      rest.set(i32.sub(w, half)),
      swaps.set(panel.call({ m, w: half, a, aRow, start, all, order, work })),
      right.set(i32.add(a, bytes(half))),
      down.set(bytes(i32.mul(half, aRow))),
      below.set(i32.sub(m, half)),
      trsm.call({
        ...{ n: half, columns: rest, t: a, tRow: aRow, tColumn: 1, lower: 1, unit: 1, x: right, xRow: aRow, work },
      }),
      gemm.call({
        ...{ m: below, n: rest, k: half, alpha: -1, a: i32.add(a, down), aRow, aColumn: 1 },
        ...{ b: right, bRow: aRow, bColumn: 1, beta: 1, c: i32.add(right, down), cRow: aRow, work },
      }),
      i32.add(
        swaps,
        panel.call({
          ...{ m: below, w: rest, a: i32.add(right, down), aRow, start: i32.add(start, down), all },
          ...{ order: i32.add(order, i32.shl(half, 2)), work },
        }),
      ),
    )
  },
)

export type LuParams = {
  readonly n: 'i32'
  readonly a: 'i32'
  readonly aRow: 'i32'
  readonly order: 'i32'
  readonly work: 'i32'
}

/**
 * P A = L U in the place of A `[n, n]` by elimination with partial pivoting, carried through also where a pivot is zero:
 * L below the diagonal with ones of its own, U on and above. `order` gets n whole numbers of 32 bits, row i of P A being
 * row `order[i]` of A. Gives the number of exchanges. `work` is `gemmWork(n, n, n)` bytes.
 */
export const lu: Func<LuParams, 'i32'> = /* @__PURE__ */ func(
  'lu',
  { n: 'i32', a: 'i32', aRow: 'i32', order: 'i32', work: 'i32' },
  'i32',
  ({ n, a, aRow, order, work }) => {
    const i = local('i32')
    return seq(
      forLoop(i, 0, n, 1, [i32.store(i32.add(order, i32.shl(i, 2)), i)]),
      panel.call({ m: n, w: n, a, aRow, start: a, all: n, order, work }),
    )
  },
)
