/** How CWSS is trained (Lin, Song and Xu 2024, arXiv:2412.00059): a step of BFGS, a step of the network, in turn. */
import { add, div, dot, mul, neg, square, stopGradient, sub, sum, type Value, vmap } from '@secant/autodiff'
import type { LstmState } from '@secant/layers'
import { type Key, split } from '@secant/linalg'
import { acrossLeaves, adam, bfgs, chain, clippedByNorm, type Direction } from '@secant/optim'
import {
  beginning,
  type Coordinatewise,
  coordinatewise,
  type Episode,
  halvings,
  heldConstant,
  type LstmTheta,
  lstmNetwork,
  type Network,
  type Plan,
  type Policy,
  type StepLoss,
  shrunk,
  throughTime,
  unroll,
  type Work,
  workOf,
} from '@secant/policy'
import { batchOf, type Family } from '@secant/problems'

/** BFGS from the identity, as the paper has it. */
export const plainBfgs: Direction<Value> = bfgs({ initialScale: () => 1 })

/** The memory of the policy: H, the state of the LSTM, and the last proposal. */
export type CwssMemory = Coordinatewise<Value, readonly LstmState[]>

export const cwss: Policy<LstmTheta, CwssMemory> = coordinatewise(plainBfgs, lstmNetwork())

/**
 * `f(x₊) / g'd + λ ‖P − I‖²`, with d as in the paper (the step is −P d): what the step gains relative to what the BFGS model
 * expects of it twice over, and a pull toward plain BFGS. Held constant is all but p.
 */
export const cwssLoss =
  (lambda: number): StepLoss<CwssMemory> =>
  ({ from, to }, { steps, along }) => {
    const expected = stopGradient(neg(dot(from.grad, along)))
    return add(div(sub(to.value, stopGradient(from.value)), expected), mul(lambda, sum(square(sub(steps, 1)))))
  }

export interface Recipe {
  readonly lambda: number
  readonly guard: boolean
  readonly batch: number
  readonly episodes: number
  readonly steps: number
  readonly rate: number
}
