import * as dense from '@secant/linalg'
import { full, type Pair, type Tensor, type Window } from '@secant/linalg'
import { asValue, type Operand, type Value } from '../core.ts'
import { sumOver } from '../vector-space.ts'
import { div } from './arithmetic.ts'
import { where } from './compare.ts'
import { max } from './reduce.ts'
import { broadcastTo } from './structure.ts'
import { type Sliding, windowOver, windows } from './windows.ts'

/** What a window is over, besides the image: strides of its own size, if none are given. */
const pooling = (size: Pair, sliding: Sliding): Sliding => ({ strides: size, ...sliding })

/** 1 where an entry under a window belongs to the image and 0 in the zeros around it, for any image and channel. */
const inside = (image: Value, size: Pair, sliding: Sliding, dtype: Tensor['dtype']): Tensor => {
  const [, h, w] = image.shape as readonly [number, number, number]
  const window: Window = windowOver(image.shape, size, sliding)
  return dense.windows(full([1, h, w, 1], 1, dtype), window)
}

const reaches = ({ padding = 'valid' }: Sliding): boolean => padding !== 'valid'

/**
 * Largest entry under each place of a window, `[n, h, w, c] → [n, h′, w′, c]`; entries that tie share the derivative
 * equally. Strides are the window's size if none are given. Padding takes no part: −∞ where there is nothing else.
 *
 * @example
 * toNested(concrete(maxPool2d(reshape(tensor([1, 2, 3, 4]), [1, 2, 2, 1]), [2, 2]))) // => [[[[4]]]]
 */
export const maxPool2d = (x: Operand, size: Pair, sliding: Sliding = {}): Value => {
  const [image, chosen] = [asValue(x), pooling(size, sliding)]
  const under = windows(image, size, chosen)
  const masked = reaches(chosen)
    ? where(broadcastTo(inside(image, size, chosen, 'bool'), under.shape), under, Number.NEGATIVE_INFINITY)
    : under
  return max(masked, { axes: [3, 4] })
}

/**
 * Mean of the entries under each place of a window, `[n, h, w, c] → [n, h′, w′, c]`. Strides are the window's size if
 * none are given. Padding takes no part, also not in the number of entries: NaN where there is nothing else.
 *
 * @example
 * toNested(concrete(averagePool2d(reshape(tensor([1, 2, 3, 4]), [1, 2, 2, 1]), [2, 2]))) // => [[[[2.5]]]]
 */
export const averagePool2d = (x: Operand, size: Pair, sliding: Sliding = {}): Value => {
  const [image, chosen] = [asValue(x), pooling(size, sliding)]
  const total = sumOver(windows(image, size, chosen), [3, 4])
  if (!reaches(chosen)) return div(total, size[0] * size[1])
  return div(total, dense.sum(inside(image, size, chosen, image.dtype), [3, 4]))
}
