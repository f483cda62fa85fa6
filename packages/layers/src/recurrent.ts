import type { Value } from '@secant/autodiff'
import { type Draw, sameShape, showShape } from '@secant/linalg'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as S from 'fp-ts/lib/State.js'
import { dense } from './dense.ts'
import { recurrentUniform, type Starting } from './initial.ts'

/**
 * Parameters of a recurrent cell with k gates beside each other: weights `[in, k h]` of what comes in, `[h, k h]` of what
 * is remembered, and a bias `[k h]` for either. Two biases for each gate are one too many; PyTorch has them both.
 */
export interface Recurrent {
  readonly input: Value
  readonly recurrent: Value
  readonly inputBias: Value
  readonly recurrentBias: Value
}

/** Throws unless each part of a state has a row of h numbers for each row of x: others might stretch. */
export const checkState = (
  operation: string,
  { recurrent }: Recurrent,
  state: Readonly<Record<string, Value>>,
  x: Value,
): void => {
  const needed = [...x.shape.slice(0, -1), recurrent.shape[0] as number]
  if (Object.values(state).every(({ shape }) => sameShape(shape, needed))) return
  const parts = Object.entries(state).map(([name, { shape }]) => `${name} ${showShape(shape)}`)
  throw new Error(`${operation}: got ${parts.join(', ')} for x ${showShape(x.shape)}; needs ${showShape(needed)}`)
}

/** What comes in and what is remembered, each in linear form for all gates: `[…, k h]` twice. */
export const linearForms = (theta: Recurrent, x: Value, hidden: Value): readonly [input: Value, recurrent: Value] => [
  dense({ weights: theta.input, bias: theta.inputBias }, x),
  dense({ weights: theta.recurrent, bias: theta.recurrentBias }, hidden),
]

/** First parameters of a cell with k gates. */
export const recurrentStart = (
  gates: number,
  inputs: number,
  hidden: number,
  { weights = recurrentUniform(hidden), bias = recurrentUniform(hidden), dtype = 'float64' }: Starting = {},
): Draw<Recurrent> =>
  sequenceS(S.Apply)({
    input: weights([inputs, gates * hidden], dtype),
    recurrent: weights([hidden, gates * hidden], dtype),
    inputBias: bias([gates * hidden], dtype),
    recurrentBias: bias([gates * hidden], dtype),
  })
