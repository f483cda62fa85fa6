const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : `${value}`)

/** A state as text, every bit of it: equal texts are equal states. */
export const stateText = (state: unknown): string =>
  JSON.stringify(state, (_, value: unknown) => {
    if (typeof value === 'number') return numberText(value)
    return ArrayBuffer.isView(value) ? Array.from(value as Float64Array, numberText) : value
  })
