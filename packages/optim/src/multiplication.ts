import { axpy, dot, type Tensor, zeros } from '@secant/linalg'
import type { SecantHistory } from '@secant/linalg/gpu'

/** A request: the inverse Hessian that a history stands for, times a vector. Where it is kept is the driver's business. */
export interface Multiplication {
  readonly history: SecantHistory
  readonly vector: Tensor
  readonly want: 'product'
}

/** The inverse Hessian of a history times a vector, by the two-loop recursion (Nocedal and Wright, algorithm 7.4). */
export const inverseTimes = ({ scale, memory, pairs }: SecantHistory, vector: Tensor): Tensor => {
  const counted = memory === undefined ? pairs : pairs.slice(0, memory)
  const alpha: number[] = []
  let q = vector
  for (const { s, y } of counted) {
    const a = dot(s, q) / dot(s, y)
    alpha.push(a)
    q = axpy(-a, y, q)
  }
  let r = axpy(scale, q, zeros(q.shape, q.dtype))
  for (let i = counted.length - 1; i >= 0; i--) {
    const { s, y } = counted[i] as SecantHistory['pairs'][number]
    r = axpy((alpha[i] as number) - dot(y, r) / dot(s, y), s, r)
  }
  return r
}
