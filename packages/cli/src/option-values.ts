import { InvalidArgumentError } from 'commander'

/** A number above 0 from the command line. */
export const positive = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('It needs a number above 0.')
  return value
}

/** Any number from the command line. */
export const finite = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It needs a number.')
  return value
}

/** A whole number above 0. */
export const count = (text: string): number => {
  const value = positive(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It needs a whole number above 0.')
  return value
}

/** A whole number that is not negative. */
export const whole = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It needs a whole number from 0.')
  return value
}

/** The names of a catalogue. */
export const namesOf = (known: ReadonlyMap<string, unknown>): readonly string[] => [...known.keys()]
