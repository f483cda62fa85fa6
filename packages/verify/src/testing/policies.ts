import { add, matmul, mul, reshape, tanh, type Value } from '@secant/autodiff'
import { foldIn, key, normal, type Shape, zeros } from '@secant/linalg'
import type { Direction } from '@secant/optim'
import { type Coordinatewise, coordinatewise, frozen, type Network } from '@secant/policy'
import fc from 'fast-check'
import { callOf, printedAs } from './printed.ts'

/** Weights of a network of one hidden layer that feeds itself. */
export interface Recurrent {
  readonly inward: Value
  readonly inner: Value
  readonly outward: Value
}

/** `h⁺ = tanh(φ W + h U)`, `z = h⁺ v`: a small network with memory (Elman 1990). */
export const recurrentNetwork = (hidden: number): Network<Recurrent, Value> => ({
  name: `recurrent(${hidden})`,
  start: (from) => {
    const weights = (i: number, shape: Shape): Value => normal(foldIn(from, i), shape)
    const theta = {
      inward: weights(1, [3, hidden]),
      inner: weights(2, [hidden, hidden]),
      outward: weights(3, [hidden, 1]),
    }
    return [theta, foldIn(from, 0)]
  },
  init: (rows) => zeros([rows, hidden]),
  apply: ({ inward, inner, outward }, state, features) => {
    const next = tanh(add(matmul(features, inward), matmul(state, inner)))
    return [reshape(matmul(next, outward), [features.shape[0] as number]), next]
  },
})

export interface RandomPolicyParts {
  readonly hidden: number
  readonly seed: number
  /** What the random weights are multiplied by: 0 is a policy that leaves the direction as it is. */
  readonly size: number
}

/** A direction with coordinate-wise steps from an untrained network. */
export interface RandomPolicy {
  readonly name: string
  readonly on: <M>(direction: Direction<M>) => Direction<Coordinatewise<M, Value>>
}

/** The policy of random weights: anything between none and saturated steps in `[0.05, 2]`. */
export const randomPolicy = ({ hidden, seed, size }: RandomPolicyParts): RandomPolicy => {
  const network = recurrentNetwork(hidden)
  const [weights] = network.start(key(seed))
  const theta = { ...weights, outward: mul(size, weights.outward) }
  const name = callOf('randomPolicy', { hidden, seed, size })
  return printedAs(name, { name, on: (direction) => frozen(coordinatewise(direction, network), theta) })
}

/** Random policies; they shrink to the one that leaves the direction as it is. */
export const randomPolicies = (): fc.Arbitrary<RandomPolicy> =>
  fc
    .record({ hidden: fc.integer({ min: 1, max: 4 }), seed: fc.nat(1000), size: fc.integer({ min: 0, max: 16 }) })
    .map(({ size, ...parts }) => randomPolicy({ ...parts, size: size / 4 }))
