import { add, mul, sigmoid, split, sub, tanh, type Value } from '@secant/autodiff'
import type { Draw } from '@secant/linalg'
import type { Starting } from './initial.ts'
import { checkState, linearForms, type Recurrent, recurrentStart } from './recurrent.ts'

type Three = readonly [Value, Value, Value]

/**
 * Gated recurrent unit (Cho et al. 2014) as PyTorch has it: x `[rows, in]`, hidden `[rows, h]`, parameters for three gates
 * in the order r, z, n, with two biases each; the second of n stands inside the product with r:
 *
 * r, z = σ(x W + b + h U + d), n = tanh(x W + b + r (h U + d)), h₊ = (1 − z) n + z h
 *
 * Fails (throws) on shapes that do not fit.
 *
 * @example
 * const [theta] = gruStart(3, 5)(key(0))
 * gruCell(theta, zeros([2, 5]), ones([2, 3])).shape // => [2, 5]
 */
export const gruCell = (theta: Recurrent, hidden: Value, x: Value): Value => {
  checkState('gruCell', theta, { hidden }, x)
  const [input, recurrent] = linearForms(theta, x, hidden)
  const [resetInput, updateInput, candidateInput] = split(input, 3, -1) as Three
  const [resetRecurrent, updateRecurrent, candidateRecurrent] = split(recurrent, 3, -1) as Three
  const reset = sigmoid(add(resetInput, resetRecurrent))
  const update = sigmoid(add(updateInput, updateRecurrent))
  const candidate = tanh(add(candidateInput, mul(reset, candidateRecurrent)))
  return add(mul(sub(1, update), candidate), mul(update, hidden))
}

/**
 * First parameters of a cell: weights `[inputs, 3 hidden]` and `[hidden, 3 hidden]` and two biases `[3 hidden]`, unless
 * told otherwise all uniform within ±1/√hidden.
 *
 * @example
 * gruStart(3, 5)(key(0))[0].recurrent.shape // => [5, 15]
 */
export const gruStart = (inputs: number, hidden: number, starting?: Starting): Draw<Recurrent> =>
  recurrentStart(3, inputs, hidden, starting)
