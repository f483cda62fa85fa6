/** What the lemmas on coordinate-wise steps are stated in. */
/** The least and the greatest. */
export const ends = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)]

/** ε, η, m₁ and m₂ of Lemmas 1 and 2. */
export const constantsOf = (
  p: readonly number[],
  h: readonly number[],
): { readonly isDescent: boolean; readonly m1: number; readonly m2: number } => {
  const [[pLow, pHigh], [hLow, hHigh]] = [ends(p), ends(h)]
  const [epsilon, eta] = [(pHigh - pLow) / (pHigh + pLow), (hHigh - hLow) / (hHigh + hLow)]
  const middle = ((pLow + pHigh) * (hLow + hHigh)) / 4
  const share = (1 - epsilon ** 2 - eta ** 2) / 2
  const isMild = epsilon + eta <= 1
  return {
    isDescent: epsilon ** 2 + eta ** 2 < 1,
    m1: isMild ? pLow * hLow : middle * share,
    m2: isMild ? 1 / (pHigh * hHigh) : (middle * share) / (pLow * pHigh * hLow * hHigh),
  }
}
