/** Whether a value is an object written with braces, or read from JSON. */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What a value is, in two words, for sentences about values that should be something else. */
export const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value !== 'object') return `a ${typeof value}`
  if ('then' in value && typeof value.then === 'function') return 'a promise'
  const kind = Array.isArray(value) ? 'array' : isPlainObject(value) ? 'object' : value.constructor.name
  return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`
}
