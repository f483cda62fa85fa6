/**
 * Householder reflections I − τ v vᵀ with v₀ = 1, kept inside the arrays they act on (Golub and Van Loan, section 5.1).
 */

/** Σ x y over `count` neighbours from two places, in four running sums. */
export const innerProduct = (x: Float64Array, i: number, y: Float64Array, j: number, count: number): number => {
  const whole = count - (count % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let k = 0; k < whole; k += 4) {
    a += (x[i + k] as number) * (y[j + k] as number)
    b += (x[i + k + 1] as number) * (y[j + k + 1] as number)
    c += (x[i + k + 2] as number) * (y[j + k + 2] as number)
    d += (x[i + k + 3] as number) * (y[j + k + 3] as number)
  }
  for (let k = whole; k < count; k++) a += (x[i + k] as number) * (y[j + k] as number)
  return a + b + (c + d)
}

/** Turns `count` entries into (β, 0, …, 0): v takes their place. Returns τ and β; τ is 0 where nothing is to be done. */
export const makeReflection = (x: Float64Array, start: number, count: number): readonly [tau: number, beta: number] => {
  const first = x[start] as number
  const rest = innerProduct(x, start + 1, x, start + 1, count - 1)
  x[start] = 1
  if (rest === 0) return [0, first]
  // The sign that adds sizes: the difference below never cancels.
  const beta = first > 0 ? -Math.hypot(first, Math.sqrt(rest)) : Math.hypot(first, Math.sqrt(rest))
  for (let k = 1; k < count; k++) x[start + k] = (x[start + k] as number) / (first - beta)
  return [(beta - first) / beta, beta]
}

/** Reflects the `count` entries of y from j by the vector at i of v. */
export const reflect = (v: Float64Array, i: number, tau: number, y: Float64Array, j: number, count: number): void => {
  const factor = tau * innerProduct(v, i, y, j, count)
  if (factor !== 0) for (let k = 0; k < count; k++) y[j + k] = (y[j + k] as number) - factor * (v[i + k] as number)
}

/**
 * Rotates two vectors of `count` entries: (x, y) ← (c x + s y, c y − s x), c ≥ 0. Written as corrections, so that many small
 * rotations do not wear down the lengths.
 */
export const rotate = (x: Float64Array, i: number, j: number, count: number, c: number, s: number): void => {
  const half = s / (1 + c)
  for (let k = 0; k < count; k++) {
    const p = x[i + k] as number
    const q = x[j + k] as number
    x[i + k] = p + s * (q - half * p)
    x[j + k] = q - s * (p + half * q)
  }
}
