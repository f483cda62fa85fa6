import { isTensor, type Tensor } from '@secant/linalg'
import { asValue, type Operand, type Value } from './core.ts'

/** The tensor behind a value; none while recording, nor for a member of a batch. */
export const tensorBehind = (x: Value): Tensor | undefined => {
  let value: Value | undefined = x
  while (value !== undefined && !isTensor(value)) value = value.known
  return value
}

/**
 * The tensor behind a value. Fails (throws) while recording, when there is none yet.
 *
 * @example
 * concrete(add(1, 2)).shape // => []
 */
export const concrete = (x: Operand): Tensor => {
  const tensor = tensorBehind(asValue(x))
  if (tensor === undefined)
    throw new Error('item: got a value that is not known while recording; needs where, or the value passed as an input')
  return tensor
}

/**
 * The number behind a value with one entry. Fails (throws) while recording.
 *
 * @example
 * item(mul(6, 7)) // => 42
 */
export const item = (x: Operand): number => {
  if (typeof x === 'number') return x
  const { data, shape } = concrete(x)
  if (data.length !== 1) throw new Error(`item: got shape [${shape.join(', ')}]; needs one entry`)
  return data[0] as number
}
