/** All that the command does not compute: where it writes, its clock in seconds, user's modules, the wish to stop. */
export interface Surroundings {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly err: NodeJS.WritableStream
  readonly clock: () => number
  /** Imports a module of the user's by its URL. */
  readonly load: (url: string) => Promise<unknown>
  /** Calls `listener` when the user asks to stop, until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void
}
