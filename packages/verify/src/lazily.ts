/** A value that is computed when it is first asked for, and kept. */
export type Lazy<A> = () => A

export const lazily = <A>(compute: () => A): Lazy<A> => {
  let kept: { readonly value: A } | undefined
  return () => {
    kept ??= { value: compute() }
    return kept.value
  }
}
