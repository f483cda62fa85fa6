import { relu, reshape } from '@secant/autodiff'
import { type Dense, type LstmState, lstmStack, lstmStackStart, lstmState, mlp, type Recurrent } from '@secant/layers'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as S from 'fp-ts/lib/State.js'
import type { Network } from '../network.ts'
import { quietHeadStart } from './head.ts'

/** Parameters of recurrent cells on top of each other, and of the dense layers that read the last one. */
export interface LstmTheta {
  readonly cells: readonly Recurrent[]
  readonly head: readonly Dense[]
}

/**
 * An LSTM that all rows share, each with a state of its own, and two dense layers behind it; 5,801 parameters unless told
 * otherwise. States begin at 0, and answers near 0 (Lin, Song and Xu 2024, arXiv:2412.00059; sizes as in their published
 * code for related papers, where states begin at random instead).
 *
 * @example
 * flatten(lstmNetwork().start(key(0))[0])[0].reduce((count, { shape }) => count + shape.reduce((a, b) => a * b, 1), 0) // => 5801
 */
export const lstmNetwork = ({
  features = 3,
  hidden = 20,
  layers = 2,
}: {
  readonly features?: number
  readonly hidden?: number
  readonly layers?: number
} = {}): Network<LstmTheta, readonly LstmState[]> => ({
  name: `LSTM ${layers} × ${hidden}`,
  start: sequenceS(S.Apply)({
    cells: lstmStackStart([features, ...Array.from({ length: layers }, () => hidden)]),
    head: quietHeadStart([hidden, hidden, 1]),
  }),
  init: (rows) => Array.from({ length: layers }, () => lstmState(rows, hidden)),
  apply: ({ cells, head }, states, rows) => {
    const next = lstmStack(cells, states, rows)
    const answers = mlp(relu)(head, (next.at(-1) as LstmState).hidden)
    return [reshape(answers, [rows.shape[0] as number]), next]
  },
})
