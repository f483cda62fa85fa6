import { relu, reshape } from '@secant/autodiff'
import { type Dense, mlp } from '@secant/layers'
import type { Network } from '../network.ts'
import { quietHeadStart } from './head.ts'

/** A network without memory: dense layers alone, for comparison. */
export const mlpNetwork = ({
  features = 3,
  hidden = [20, 20],
}: {
  readonly features?: number
  readonly hidden?: readonly number[]
} = {}): Network<readonly Dense[], null> => ({
  name: `MLP ${hidden.join(' × ')}`,
  start: quietHeadStart([features, ...hidden, 1]),
  init: () => null,
  apply: (theta, state, rows) => [reshape(mlp(relu)(theta, rows), [rows.shape[0] as number]), state],
})
