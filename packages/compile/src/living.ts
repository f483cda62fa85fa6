/** Counts what is alive. */
export interface Living {
  readonly hasRoom: () => boolean
  /** One more, until it is collected. */
  readonly enter: (one: object) => void
}

/** At most so many at a time; those that were dropped count until the collector has found them, in a later job. */
/* @__NO_SIDE_EFFECTS__ */
export const living = (most: number): Living => {
  let count = 0
  const gone = new FinalizationRegistry<undefined>(() => {
    count--
  })
  return {
    hasRoom: () => count < most,
    enter: (one) => {
      count++
      gone.register(one, undefined)
    },
  }
}
