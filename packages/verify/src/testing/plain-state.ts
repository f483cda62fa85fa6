/** States are plain data: arrays, records, typed arrays and numbers. These read and copy them; anything else is refused. */

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : `${value}`)

/** A state as text, every bit of it: equal texts are equal states. */
export const stateText = (state: unknown): string =>
  JSON.stringify(state, (_, value: unknown) => {
    if (typeof value === 'number') return numberText(value)
    return ArrayBuffer.isView(value) ? Array.from(value as Float64Array, numberText) : value
  })

/** The same state with nothing shared. Fails (throws) on what is not plain data, such as a function. */
export const copyOf = <S>(state: S): S => {
  const copy = (value: unknown): unknown => {
    if (typeof value === 'function') throw new Error('state: got a function in it; needs plain data')
    if (typeof value !== 'object' || value === null) return value
    if (ArrayBuffer.isView(value)) return (value as Float64Array).slice()
    if (Array.isArray(value)) return value.map(copy)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copy(field)]))
  }
  return copy(state) as S
}
