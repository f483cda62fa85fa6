import { mul } from '@secant/autodiff'
import { type Dense, mlpStart } from '@secant/layers'
import type { Draw } from '@secant/linalg'
import * as S from 'fp-ts/lib/State.js'

/**
 * First parameters of dense layers whose answers are small: the last layer's weights a tenth of the usual, its bias 0. A
 * policy with such a head begins close to the direction it steers.
 */
export const quietHeadStart = (sizes: readonly number[]): Draw<readonly Dense[]> =>
  S.map((layers: readonly Dense[]) =>
    layers.map((layer, i) => (i === layers.length - 1 ? { ...layer, weights: mul(0.1, layer.weights) } : layer)),
  )(mlpStart(sizes))
