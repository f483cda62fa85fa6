import { add, mul, type Operand, type Value } from '@secant/autodiff'
import { scalar } from '@secant/linalg'
import { chain } from './chain.ts'
import { beside } from './entries.ts'
import type { Update } from './update.ts'

/** A number that changes from step to step, from the number of steps taken before, in autodiff operations. */
export type Schedule = (count: Operand) => Operand

/** A number for all steps, or one for each; steps can be differentiated with respect to it. */
export type Rate = Operand | Schedule

/** How many steps were taken, a float64 scalar. */
export type Count = Value

export const noSteps = (): Count => scalar(0)

/** The number for one step. Fails (throws) where it is not a scalar. */
export const rateAt = (rate: Rate, count: Count): Operand => {
  const value = typeof rate === 'function' ? rate(count) : rate
  if (typeof value !== 'number' && value.shape.length > 0)
    throw new Error(`rate: got shape [${value.shape.join(', ')}]; needs a scalar, []`)
  return value
}

export const showRate = (rate: Rate): string =>
  typeof rate === 'number' ? `${rate}` : typeof rate === 'function' ? 'schedule' : 'rate'

/** Gradients times a number; its state counts the steps. */
export const scaled = (rate: Rate): Update<Count> => ({
  name: `scaled(${showRate(rate)})`,
  init: noSteps,
  apply: (count, gradient) => [mul(beside(rateAt(rate, count), gradient), gradient), add(count, 1)],
})

/** An update with a rate behind it. */
export const rated = <S>(update: Update<S>, rate: Rate): Update<readonly [S, Count]> => ({
  ...chain(update, scaled(rate)),
  name: `${update.name}(${showRate(rate)})`,
})

/** Gradient descent with a rate, `rate · g` (Robbins and Monro 1951). */
export const sgd = ({ rate = 1e-2 }: { readonly rate?: Rate } = {}): Update<Count> => ({
  ...scaled(rate),
  name: `SGD(${showRate(rate)})`,
})
