import { all, local, seq } from '../assembler/code.ts'
import { forLoop, when } from '../assembler/control.ts'
import { type Func, func } from '../assembler/function.ts'
import { i32 } from '../assembler/scalar.ts'
import { f32x4, f64x2, v128 } from '../assembler/simd.ts'
import { type LaneFunction, laneFunction } from './exponential.ts'

export type MapParams = { readonly n: 'i32'; readonly x: 'i32'; readonly y: 'i32' }

/** y ← f(x) for n doubles; y may be x. An entry's result does not depend on its neighbours. */
export const mapOf = (f: LaneFunction): Func<MapParams, 'none'> =>
  func(`map_${f.callee.name}`, { n: 'i32', x: 'i32', y: 'i32' }, 'none', ({ n, x, y }) => {
    const i = local('i32')
    return all([
      forLoop(i, 2, i32.add(n, 1), 2, [
        v128.store(y, f.call({ x: v128.load(x) })),
        x.set(i32.add(x, 16)),
        y.set(i32.add(y, 16)),
      ]),
      when(i32.and(n, 1), [v128.store64Lane(y, f.call({ x: v128.load64Zero(x) }), 0)]),
    ])
  })

/** A function of doubles for four singles: computed in double and rounded once. */
export const inSingles = (f: LaneFunction): LaneFunction =>
  laneFunction(`${f.callee.name}_f32`, (x) => {
    const low = local('v128')
    const upper = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
    const joined = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
    const half = (lanes: typeof x | ReturnType<typeof v128.shuffle>) =>
      f32x4.demoteZero(f.call({ x: f64x2.promoteLow(lanes) }))
    return seq(low.set(half(x)), v128.shuffle(low, half(v128.shuffle(x, x, upper)), joined))
  })
