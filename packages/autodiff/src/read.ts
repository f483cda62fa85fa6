import { isTensor, type Tensor } from '@secant/linalg'
import { asValue, type Operand, type Value } from './core.ts'

/**
 * The tensor behind a value. Fails (throws) while recording, when there is none yet.
 *
 * @example
 * concrete(add(1, 2)).shape // => []
 */
export const concrete = (x: Operand): Tensor => {
  let value: Value | undefined = asValue(x)
  while (value !== undefined && !isTensor(value)) value = value.known
  if (value === undefined)
    throw new Error('item: got a value that is not known while recording; needs where, or the value passed as an input')
  return value
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
