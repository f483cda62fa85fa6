/** What is wrong with a file: where, what stands there, and what should. */
export interface DecodeError {
  readonly kind: 'malformed'
  readonly where: string
  readonly found: string
  readonly needed: string
}

export const malformed = (where: string, found: string, needed: string): DecodeError => ({
  kind: 'malformed',
  where,
  found,
  needed,
})
