import { clip, greater, mul, safeDiv } from '@secant/autodiff'
import { beside, lengthOf } from './entries.ts'
import type { Update } from './update.ts'

const checkBound = (operation: string, bound: number): void => {
  if (!(bound > 0)) throw new Error(`${operation}: got bound ${bound}; needs a number > 0`)
}

/** Every entry brought into `[−bound, bound]`. */
export const clippedByValue = (bound: number): Update<readonly []> => {
  checkBound('clippedByValue', bound)
  return {
    name: `clipped by value ${bound}`,
    init: () => [],
    apply: (state, gradient) => [clip(gradient, -bound, bound), state],
  }
}

/** A gradient longer than the bound is shortened to it (Pascanu, Mikolov and Bengio 2013, algorithm 1). */
export const clippedByNorm = (bound: number): Update<readonly []> => {
  checkBound('clippedByNorm', bound)
  return {
    name: `clipped by norm ${bound}`,
    init: () => [],
    apply: (state, gradient) => {
      const length = lengthOf(gradient)
      const scale = safeDiv(bound, length, greater(length, bound), 1)
      return [mul(beside(scale, gradient), gradient), state]
    },
  }
}
