/** Small functions of values that the updates share. */
import { cast, norm, type Operand, type Value } from '@secant/autodiff'
import { zeros } from '@secant/linalg'

export const zerosLike = ({ shape, dtype }: Value): Value => zeros(shape, dtype)

/** An operand in the precision of the value it stands beside; numbers take it by themselves. */
export const beside = (x: Operand, partner: Value): Operand =>
  typeof x === 'number' ? x : cast(x, partner.dtype === 'float32' ? 'float32' : 'float64')

/** Euclidean length of all entries, in float64. */
export const lengthOf = (x: Value): Value => norm(cast(x, 'float64'))
