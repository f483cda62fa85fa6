import type { ExitReason } from './exit-codes.ts'

/** An end that is told in one sentence; `cause` is what the user's own code threw, where it did. */
export class Failure extends Error {
  readonly reason: ExitReason

  constructor(reason: ExitReason, sentence: string, options?: { readonly cause: unknown }) {
    super(sentence, options)
    this.reason = reason
  }
}

/** A mistake of the user's. */
export const misunderstood = (sentence: string, cause?: unknown): Failure =>
  new Failure('misunderstood', sentence, { cause })

/** What was thrown, in one line. */
export const messageOf = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.split('\n')[0] as string
}
