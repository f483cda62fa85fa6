import { add, matmul, type Value } from '@secant/autodiff'
import { type Draw, sameShape, showShape } from '@secant/linalg'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as S from 'fp-ts/lib/State.js'
import { glorotUniform, type Starting, zerosOf } from './initial.ts'

/** Weights `[in, out]` and bias `[out]`. */
export interface Dense {
  readonly weights: Value
  readonly bias: Value
}

/** Results with a bias `[channels]` on their last axis; any other shape would stretch, and is refused. */
export const withBias = (operation: string, out: Value, bias: Value): Value => {
  if (!sameShape(bias.shape, out.shape.slice(-1)))
    throw new Error(
      `${operation}: got bias ${showShape(bias.shape)} for results ${showShape(out.shape)}; needs ${showShape(out.shape.slice(-1))}`,
    )
  return add(out, bias)
}

/**
 * x W + b, `[…, in] → […, out]`. Fails (throws) on shapes that do not fit.
 *
 * @example
 * toNested(concrete(dense({ weights: tensor([[1], [2]]), bias: tensor([10]) }, tensor([[3, 4]])))) // => [[21]]
 */
export const dense = ({ weights, bias }: Dense, x: Value): Value => withBias('dense', matmul(x, weights), bias)

/**
 * Dense layers with an activation between each and the next, none behind the last: `[…, in] → […, out]`.
 *
 * @example
 * const [theta] = mlpStart([2, 8, 3])(key(0))
 * mlp(tanh)(theta, zeros([5, 2])).shape // => [5, 3]
 */
export const mlp =
  (activation: (x: Value) => Value) =>
  (theta: readonly Dense[], x: Value): Value =>
    theta.reduce((inputs, layer, i) => dense(layer, i === 0 ? inputs : activation(inputs)), x)

/**
 * First parameters of a dense layer; unless told otherwise weights by `glorotUniform` and a bias of 0.
 *
 * @example
 * denseStart(3, 4)(key(0))[0].weights.shape // => [3, 4]
 */
export const denseStart = (
  inputs: number,
  outputs: number,
  { weights = glorotUniform, bias = zerosOf, dtype = 'float64' }: Starting = {},
): Draw<Dense> => sequenceS(S.Apply)({ weights: weights([inputs, outputs], dtype), bias: bias([outputs], dtype) })

/**
 * First parameters of the dense layers between sizes, of which there is one more than layers.
 *
 * @example
 * mlpStart([2, 8, 3])(key(0))[0].map(({ bias }) => bias.shape) // => [[8], [3]]
 */
export const mlpStart = (sizes: readonly number[], starting?: Starting): Draw<readonly Dense[]> =>
  S.sequenceArray(sizes.slice(1).map((outputs, layer) => denseStart(sizes[layer] as number, outputs, starting)))
