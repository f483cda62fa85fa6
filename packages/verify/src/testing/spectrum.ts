import { add, broadcast, fromData, key, matmul, mul, normal, qr, scalar, type Tensor, transpose } from '@secant/linalg'
import fc from 'fast-check'
import { factors, toThreeDigits, turns } from './numbers.ts'
import { callOf, printedAs } from './printed.ts'

/** Eigenvalues and the rotation of their basis: a seed, 0 for none. */
export interface Spectral {
  readonly spectrum: readonly number[]
  readonly turn?: number
}

/** A random orthogonal matrix `[n, n]` from a seed: that of the QR factorization of a normal one (Stewart 1980). */
export const rotation = (n: number, seed: number): Tensor => qr(normal(key(seed), [n, n])).q

/** The symmetric matrix `Q diag(spectrum) Q'` of a random rotation Q; `diag(spectrum)` itself for turn 0. */
export const symmetric = ({ spectrum, turn = 0 }: Spectral): Tensor => {
  const n = spectrum.length
  const values = fromData(Float64Array.from(spectrum))
  const text = callOf('symmetric', { spectrum, turn })
  if (turn === 0) {
    const data = new Float64Array(n * n)
    for (const [i, value] of spectrum.entries()) data[i * (n + 1)] = value
    return printedAs(text, fromData(data, [n, n]))
  }
  const q = rotation(n, turn)
  const product = matmul(mul(q, broadcast(values, [n, n], [0])), q, { transposeB: true })
  return printedAs(text, mul(scalar(0.5), add(product, transpose(product, [1, 0]))))
}

export interface SpectrumOptions {
  /** The largest number of variables. */
  readonly maxN?: number
  /** The largest condition number L/μ. */
  readonly maxCondition?: number
}

/**
 * Spectra whose ends are exactly μ and L = κμ, with what lies between log-uniform. They shrink to few eigenvalues, to
 * κ = 1 and to μ = 1.
 */
export const spectra = ({ maxN = 4, maxCondition = 100 }: SpectrumOptions = {}): fc.Arbitrary<readonly number[]> =>
  fc
    .tuple(
      fc.oneof(factors(10), factors(0.1)),
      factors(maxCondition),
      fc.array(fc.nat(24), { minLength: 1, maxLength: maxN }),
    )
    .map(([mu, condition, exponents]) => {
      const between = exponents.slice(2).map((k) => toThreeDigits(mu * condition ** (k / 24)))
      return exponents.length === 1 ? [mu] : [mu, ...between, toThreeDigits(mu * condition)]
    })

/** Symmetric positive definite matrices with these spectra, turned at random. */
export const spdMatrices = (options: SpectrumOptions = {}): fc.Arbitrary<Tensor> =>
  fc.tuple(spectra(options), turns).map(([spectrum, turn]) => symmetric({ spectrum, turn }))
