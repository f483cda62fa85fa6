/** Conditions on single steps. */
import { norm } from '@secant/linalg'
import { below } from './comparison.ts'
import { type Theorem, theorem } from './theorem.ts'

export const descent: Theorem = theorem({
  name: 'descent',
  source: 'Nocedal and Wright 2006, section 3.1',
  statement: "g's < 0",
  assumptions: {},
  bound: ({ steps }) =>
    steps.map(({ k, from, s, slope0 }) => below(k, slope0, 0, { scale: norm(from.grad) * norm(s) })),
})

export const conditions: readonly Theorem[] = [descent]
