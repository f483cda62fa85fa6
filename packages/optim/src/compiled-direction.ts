import { jit } from '@secant/compile'
import type { Direction } from './direction.ts'
import type { Move, Place } from './point.ts'

/** Milliseconds after which a direction is compiled: about what that takes, so that short runs lose nothing. */
const patience = 30

/** A function that is compiled, or called as it is where it reads numbers and cannot be recorded. */
const recordable = <A extends readonly unknown[], B>(f: (...args: A) => B, wait: number): ((...args: A) => B) => {
  const compiled = jit(f, { target: 'javascript', limit: 8, patience: wait })
  let isPlain = false
  return (...args) => {
    if (isPlain) return f(...args)
    try {
      return compiled(...args)
    } catch {
      isPlain = true
      return f(...args) // tells its own mistakes
    }
  }
}

const placeOf = ({ x, value, grad }: Place): Place => ({ x, value, grad })

/**
 * A direction whose arithmetic runs as generated code once it has taken as long as compiling it would; the same
 * results to the bit. One that cannot be recorded stays as it is, and so does arithmetic in float32, where numbers would
 * be narrowed.
 */
export const compiledDirection = <M>(direction: Direction<M>, wait: number = patience): Direction<M> => {
  const propose = recordable(direction.propose, wait)
  const observe = recordable(direction.observe, wait)
  const isWide = ({ x }: Place): boolean => x.dtype === 'float64'
  return {
    name: direction.name,
    init: direction.init,
    propose: (memory, at) => (isWide(at) ? propose(memory, placeOf(at)) : direction.propose(memory, at)),
    observe: (memory, taken) => {
      if (!isWide(taken.to)) return direction.observe(memory, taken)
      const { from, to, alpha }: Move = taken
      return observe(memory, { from: placeOf(from), to: placeOf(to), alpha })
    },
  }
}
