import { add, div, mul, type Operand, sqrt, square, sub, type Value } from '@secant/autodiff'
import { zeros } from '@secant/linalg'
import type { Update } from './update.ts'

/** Running means of the gradient and of its square, and the powers β₁ᵗ, β₂ᵗ that correct their bias. */
export interface Moments {
  readonly first: Value
  readonly second: Value
  readonly power1: Operand
  readonly power2: Operand
}

/**
 * Adam, `rate · m̂ / (√v̂ + ε)` with bias-corrected moments (Kingma and Ba 2015, algorithm 1).
 */
export const adam = ({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: {
  readonly rate?: number
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
} = {}): Update<Moments> => ({
  name: `Adam(${rate})`,
  init: (x) => ({ first: zeros(x.shape, x.dtype), second: zeros(x.shape, x.dtype), power1: 1, power2: 1 }),
  apply: (state, gradient) => {
    const first = add(mul(beta1, state.first), mul(1 - beta1, gradient))
    const second = add(mul(beta2, state.second), mul(1 - beta2, square(gradient)))
    const [power1, power2] = [mul(beta1, state.power1), mul(beta2, state.power2)]
    const mean = div(first, sub(1, power1))
    const spread = sqrt(div(second, sub(1, power2)))
    return [mul(rate, div(mean, add(spread, epsilon))), { first, second, power1, power2 }]
  },
})
