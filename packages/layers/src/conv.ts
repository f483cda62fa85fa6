import { conv2d, type Sliding, type Value } from '@secant/autodiff'
import type { Draw } from '@secant/linalg'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as S from 'fp-ts/lib/State.js'
import { withBias } from './dense.ts'
import { glorotUniform, type Starting, zerosOf } from './initial.ts'

/** Kernel `[kh, kw, c, o]` and bias `[o]`. */
export interface Conv {
  readonly kernel: Value
  readonly bias: Value
}

/**
 * Convolution of images with a kernel that is not turned round, plus a bias for each result channel:
 * `[n, h, w, c] → [n, h′, w′, o]`. Fails (throws) on shapes that do not fit.
 *
 * @example
 * const [theta] = convStart([3, 3], 1, 4)(key(0))
 * conv({ padding: 'same' })(theta, zeros([2, 8, 8, 1])).shape // => [2, 8, 8, 4]
 */
export const conv =
  (sliding: Sliding = {}) =>
  ({ kernel, bias }: Conv, x: Value): Value =>
    withBias('conv', conv2d(x, kernel, sliding), bias)

/**
 * First parameters for kernels of a size; unless told otherwise weights by `glorotUniform` and a bias of 0.
 *
 * @example
 * convStart([3, 3], 1, 4)(key(0))[0].kernel.shape // => [3, 3, 1, 4]
 */
export const convStart = (
  size: readonly [height: number, width: number],
  inputs: number,
  outputs: number,
  { weights = glorotUniform, bias = zerosOf, dtype = 'float64' }: Starting = {},
): Draw<Conv> =>
  sequenceS(S.Apply)({ kernel: weights([...size, inputs, outputs], dtype), bias: bias([outputs], dtype) })
