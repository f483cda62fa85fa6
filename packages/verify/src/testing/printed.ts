import fc from 'fast-check'

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${literal(field)}`)
  return `{ ${fields.join(', ')} }`
}

/**
 * The call that makes a value: what a counterexample is printed as, so that it can be pasted.
 *
 * @example
 * callOf('quadratic', { spectrum: [1, 10], turn: 0 }) // => 'quadratic({ spectrum: [1, 10], turn: 0 })'
 */
export const callOf = (name: string, ...given: readonly unknown[]): string =>
  `${name}(${given.map(literal).join(', ')})`

/** The same value; fast-check prints it as the text. */
export const printedAs = <A extends object>(text: string, value: A): A =>
  Object.defineProperty(value, fc.toStringMethod, { value: () => text })
