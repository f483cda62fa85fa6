/** Guards for plain data from outside, put together as the data are. */

export type Guard<A> = (value: unknown) => value is A

export const isText: Guard<string> = (value) => typeof value === 'string'
export const isNumber: Guard<number> = (value): value is number => Number.isFinite(value)
export const isCount: Guard<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0

export const orNull =
  <A>(is: Guard<A>): Guard<A | null> =>
  (value): value is A | null =>
    value === null || is(value)

export const isListOf =
  <A>(is: Guard<A>): Guard<readonly A[]> =>
  (value): value is readonly A[] =>
    Array.isArray(value) && value.every(is)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Exactly these fields, no more and no less. */
export const isRecordOf =
  <A>(fields: { readonly [K in keyof A]: Guard<A[K]> }): Guard<A> =>
  (value): value is A =>
    isObject(value) &&
    Object.keys(value).length === Object.keys(fields).length &&
    Object.entries<Guard<unknown>>(fields).every(([name, is]) => Object.hasOwn(value, name) && is(value[name]))

/** Text, numbers and truth values by any names. */
export const isFacts: Guard<Readonly<Record<string, string | number | boolean>>> = (
  value,
): value is Readonly<Record<string, string | number | boolean>> =>
  isObject(value) && Object.values(value).every((fact) => ['string', 'number', 'boolean'].includes(typeof fact))
