import {
  add,
  div,
  dot,
  greater,
  less,
  mean,
  minimum,
  mul,
  neg,
  norm,
  type Operand,
  safeDiv,
  sub,
  type Value,
  where,
} from '@secant/autodiff'
import type { Direction } from '@secant/optim'

/** What a direction of the form p ⊙ d remembers of its last proposal: step sizes and the direction that they scale. */
export interface Diagonal {
  /** p, one for each variable, `[n]`. */
  readonly steps: Value
  /** d, `[n]`. */
  readonly along: Value
}

/**
 * The same direction with p moved toward its mean p̄ where it loses descent: where `c = −Σ pᵢgᵢdᵢ` is below
 * `gamma · p̄ · (−g'd)`, p becomes `p̄ + t (p − p̄)` with the t that makes the two equal. Leaves a descent direction
 * whatever p was, if d is one; O(n). The guard of learned coordinate-wise steps, first part.
 */
export const shrunk = <M extends Diagonal>(direction: Direction<M>, gamma = 0.1): Direction<M> => {
  if (!(0 < gamma && gamma < 1)) throw new Error(`shrunk: got gamma = ${gamma}; needs 0 < gamma < 1`)
  return {
    ...direction,
    propose: (memory, at) => {
      const [, proposed] = direction.propose(memory, at)
      const { steps, along } = proposed
      const average = mean(steps)
      const full = mul(average, neg(dot(at.grad, along)))
      const decrease = neg(dot(at.grad, mul(steps, along)))
      const isShort = less(decrease, mul(gamma, full))
      const t = safeDiv(mul(1 - gamma, full), sub(full, decrease), isShort, 1)
      const safe = where(isShort, add(average, mul(t, sub(steps, average))), steps)
      return [mul(safe, along), { ...proposed, steps: safe }]
    },
  }
}

/** A direction's memory, and the length of the first gradient. */
export interface Annealing<M> extends Diagonal {
  readonly inner: M
  readonly first: Value
}

/**
 * The same direction with p drawn to 1 as the gradient vanishes, `p ← 1 + (p − 1) · min(1, ‖g‖ / (ζ‖g₀‖))`: superlinear
 * convergence then follows from that of the direction beneath. Small ζ wait longer.
 */
export const annealed = <M extends Diagonal>(direction: Direction<M>, zeta = 1e-4): Direction<Annealing<M>> => {
  if (!(zeta > 0)) throw new Error(`annealed: got zeta = ${zeta}; needs a number > 0`)
  return {
    name: direction.name,
    init: (start) => {
      const inner = direction.init(start)
      return { inner, first: norm(start.grad), steps: inner.steps, along: inner.along }
    },
    propose: ({ inner, first }, at) => {
      const [, proposed] = direction.propose(inner, at)
      const { steps, along } = proposed
      const share: Operand = minimum(1, safeDiv(norm(at.grad), mul(zeta, first), greater(first, 0), 0))
      const drawn = add(1, mul(sub(steps, 1), share))
      return [mul(drawn, along), { inner: proposed, first, steps: drawn, along }]
    },
    observe: (memory, taken) => ({ ...memory, inner: direction.observe(memory.inner, taken) }),
  }
}

/** How far p is from 1, seen by the direction: ‖(P − I)d‖ / ‖d‖; superlinear convergence needs it to vanish. */
export const distanceFromOne = ({ steps, along }: Diagonal): Value => div(norm(mul(sub(steps, 1), along)), norm(along))
