import { mul, neg } from '@secant/autodiff'
import { full, type Key, ones, split, uniform } from '@secant/linalg'
import type { Direction } from '@secant/optim'
import type { Diagonal } from './diagonal.ts'

/** The memory of the direction beneath, the last proposal, and the key of the next. */
export interface RandomSteps<M> extends Diagonal {
  readonly inner: M
  readonly key: Key
}

/**
 * Step sizes drawn anew for each proposal, uniform in `[least, most)`: one for each variable, or one `shared` by all.
 * What learned steps are to be measured against: part of any gain is excitation or over-relaxation. Draws from plain
 * numbers, so that runs can be resumed, but not recorded: a program would repeat the numbers it was recorded with.
 */
export const randomSteps = <M>(
  direction: Direction<M>,
  key: Key,
  {
    least = 0.8,
    most = 2,
    shared = false,
  }: { readonly least?: number; readonly most?: number; readonly shared?: boolean } = {},
): Direction<RandomSteps<M>> => {
  if (!(0 <= least && least < most && most < Number.POSITIVE_INFINITY))
    throw new Error(`randomSteps: got [${least}, ${most}); needs 0 ≤ least < most`)
  return {
    name: `${direction.name} by random steps`,
    init: (start) => ({
      inner: direction.init(start),
      key,
      steps: ones([start.x.shape[0] as number], start.x.dtype),
      along: neg(start.grad),
    }),
    propose: (memory, at) => {
      const [along, inner] = direction.propose(memory.inner, at)
      const [next, child] = split(memory.key)
      const n = along.shape[0] as number
      const dtype = along.dtype === 'float32' ? 'float32' : 'float64'
      const drawn = uniform(child, [shared ? 1 : n], { min: least, max: most, dtype })
      const steps = shared ? full([n], drawn.data[0] as number, dtype) : drawn
      return [mul(steps, along), { inner, key: next, steps, along }]
    },
    observe: (memory, taken) => ({ ...memory, inner: direction.observe(memory.inner, taken) }),
  }
}
