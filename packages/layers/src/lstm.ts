import { add, mul, sigmoid, split, tanh, type Value } from '@secant/autodiff'
import { type Draw, type FloatType, zeros } from '@secant/linalg'
import * as S from 'fp-ts/lib/State.js'
import type { Starting } from './initial.ts'
import { checkState, linearForms, type Recurrent, recurrentStart } from './recurrent.ts'

/** What a cell remembers of each row, both `[rows, h]`; `hidden` is also its output. */
export interface LstmState {
  readonly hidden: Value
  readonly cell: Value
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; the forget gate of Gers et al. 2000): x `[rows, in]`, state
 * `[rows, h]`, parameters for four gates in the order i, f, g, o, with two biases each as in PyTorch:
 *
 * i, f, o = σ(x W + b + h U + d), g = tanh(x W + b + h U + d), cell₊ = f cell + i g, hidden₊ = o tanh(cell₊)
 *
 * Fails (throws) on shapes that do not fit.
 *
 * @example
 * const [theta] = lstmStart(3, 5)(key(0))
 * lstmCell(theta, lstmState(2, 5), ones([2, 3])).hidden.shape // => [2, 5]
 */
export const lstmCell = (theta: Recurrent, { hidden, cell }: LstmState, x: Value): LstmState => {
  checkState('lstmCell', theta, { hidden, cell }, x)
  const gates = split(add(...linearForms(theta, x, hidden)), 4, -1)
  const [input, forget, candidate, output] = gates as readonly [Value, Value, Value, Value]
  const next = add(mul(sigmoid(forget), cell), mul(sigmoid(input), tanh(candidate)))
  return { hidden: mul(sigmoid(output), tanh(next)), cell: next }
}

/** Nothing remembered yet: zeros `[rows, hidden]`. */
export const lstmState = (rows: number, hidden: number, dtype: FloatType = 'float64'): LstmState => {
  const nothing = zeros([rows, hidden], dtype)
  return { hidden: nothing, cell: nothing }
}

/**
 * Cells on top of each other: each sees the new hidden rows of the one before. The last state's `hidden` is the output.
 * Fails (throws) unless there is a state for each cell.
 *
 * @example
 * const [theta] = lstmStackStart([3, 5, 4])(key(0))
 * lstmStack(theta, [lstmState(2, 5), lstmState(2, 4)], ones([2, 3])).map(({ cell }) => cell.shape) // => [[2, 5], [2, 4]]
 */
export const lstmStack = (
  theta: readonly Recurrent[],
  states: readonly LstmState[],
  x: Value,
): readonly LstmState[] => {
  if (states.length !== theta.length)
    throw new Error(`lstmStack: got ${states.length} states for ${theta.length} cells; needs one each`)
  let inputs = x
  return theta.map((cell, i) => {
    const state = lstmCell(cell, states[i] as LstmState, inputs)
    inputs = state.hidden
    return state
  })
}

/**
 * First parameters of a cell: weights `[inputs, 4 hidden]` and `[hidden, 4 hidden]` and two biases `[4 hidden]`, unless
 * told otherwise all uniform within ±1/√hidden.
 *
 * @example
 * lstmStart(3, 5)(key(0))[0].recurrent.shape // => [5, 20]
 */
export const lstmStart = (inputs: number, hidden: number, starting?: Starting): Draw<Recurrent> =>
  recurrentStart(4, inputs, hidden, starting)

/**
 * First parameters of a stack: sizes are the number of inputs, then the hidden numbers of each cell.
 *
 * @example
 * lstmStackStart([3, 5, 4])(key(0))[0].map(({ input }) => input.shape) // => [[3, 20], [5, 16]]
 */
export const lstmStackStart = (sizes: readonly number[], starting?: Starting): Draw<readonly Recurrent[]> =>
  S.sequenceArray(sizes.slice(1).map((hidden, cell) => lstmStart(sizes[cell] as number, hidden, starting)))
