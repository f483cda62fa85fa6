import * as E from 'fp-ts/lib/Either.js'
import type { Value } from '../core.ts'
import { tensorBehind } from '../read.ts'

/** A total operation's result and what became of it: −1, or where it failed. */
export interface Attempt {
  readonly value: Value
  readonly status: Value
}

/** The result or the failure. Fails (throws) where it is not known which, and names the total operation. */
export const eitherOf = <L>(
  operation: string,
  { value, status }: Attempt,
  failure: (status: number) => L,
): E.Either<L, Value> => {
  const known = tensorBehind(status)?.data[0]
  if (known === undefined)
    throw new Error(
      `${operation}: got a matrix that is not known while recording or under vmap; needs ${operation}OrNaN`,
    )
  return known < 0 ? E.right(value) : E.left(failure(known))
}
