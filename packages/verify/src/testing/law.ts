import type fc from 'fast-check'

/** A law of a method or a direction: `fc.assert(property)` looks for a counterexample. */
export interface Law {
  readonly name: string
  readonly property: fc.IProperty<unknown>
}

/** Fails (throws) with what was found unless a law holds. */
export const demand = (holds: boolean, found: () => string): void => {
  if (!holds) throw new Error(found())
}
