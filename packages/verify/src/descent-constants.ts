/** Ranges of the entries of a diagonal P and of the eigenvalues of a symmetric H, all positive. */
export interface Spreads {
  readonly pMin: number
  readonly pMax: number
  readonly hMin: number
  readonly hMax: number
}

export interface DescentConstants {
  /** ε² + η² < 1, or (√κ_P − 1)(√κ_H − 1) < 2: −PHg descends whatever g is. */
  readonly descends: boolean
  /** g'PHg ≥ m₁‖g‖². */
  readonly m1: number
  /** g'PHg ≥ m₂‖PHg‖². */
  readonly m2: number
}

const spread = (least: number, most: number): number => (most - least) / (most + least)

/**
 * The tight constants of −PHg over all P and H of given spreads (lemmas 1 and 2 of the note on coordinate-wise steps).
 * Negative where −PHg need not descend.
 *
 * @example
 * descentConstants({ pMin: 1, pMax: 4, hMin: 1, hMax: 4 }).m1.toFixed(3) // => '0.875'
 */
export const descentConstants = ({ pMin, pMax, hMin, hMax }: Spreads): DescentConstants => {
  const [epsilon, eta] = [spread(pMin, pMax), spread(hMin, hMax)]
  const rest = 1 - epsilon ** 2 - eta ** 2
  const product = ((pMin + pMax) / 2) * ((hMin + hMax) / 2)
  const isMild = epsilon + eta <= 1
  return {
    descends: rest > 0,
    m1: isMild ? pMin * hMin : (product * rest) / 2,
    m2: isMild ? 1 / (pMax * hMax) : ((product / (pMin * pMax * hMin * hMax)) * rest) / 2,
  }
}
