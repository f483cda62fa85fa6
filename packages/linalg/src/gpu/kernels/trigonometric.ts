/** Sines, cosines and angles in the kernel's own arithmetic. Each is text that sets the number `r` from `p`. */
import type { Arithmetic } from './arithmetic.ts'
import { oddSeries, terms } from './exponential.ts'

/** Beyond this many quarter turns nothing of an angle in float32 is left: the result is NaN. */
const mostQuarters = 2 ** 20

/** π/2 in three parts, the first of 8 bits: times a whole number up to 2¹⁶ it is exact. */
const parts = [1.5703125, 8117 * 2 ** -24, Math.PI / 2 - 1.5703125 - 8117 * 2 ** -24] as const

/** Sets `h` to `p − k π/2`, |h| ≤ π/4, part by part (Cody and Waite 1980), `z` to h², `left` to k mod 4. */
const reducedAngle = (a: Arithmetic, p: string): string => `
  k = Math.floor(${p} * ${2 / Math.PI} + 0.5); ${a.copy('h', p)} ${a.constant('d', 0)} d = k;
  ${parts.map((part) => `${a.constant('c', part)} ${a.multiply('c', 'c', 'd')} ${a.subtract('h', 'h', 'c')}`).join(' ')}
  left = k - 4.0 * Math.floor(k * 0.25);
  if (Math.abs(k) > ${mostQuarters}.0) { h = Math.sqrt(-1.0 - Math.abs(k)); }
  ${a.multiply('z', 'h', 'h')}`

/** Sets `e` to `1 − z/(n(n−1)) (1 − z/((n−2)(n−3)) (…))`, down from n = `last`: a series of a sine (odd) or cosine. */
const alternating = (a: Arithmetic, last: number): string => `
  ${a.constant('e', 1)} n = ${last}.0;
  for (let i = 0; i < ${Math.floor(last / 2)}; i++) {
    ${a.multiply('e', 'e', 'z')} ${a.constant('d', 0)} d = n * (n - 1.0); ${a.divide('e', 'e', 'd')}
    ${a.constant('c', 1)} ${a.subtract('e', 'c', 'e')}
    n = n - 2.0;
  }`

/** Sets `r` to the sine of `h` plus a number of quarter turns. */
const sineOf = (a: Arithmetic, r: string, quarters: string): string => `
  factor = ${quarters}; if (factor >= 4.0) { factor = factor - 4.0; }
  if (factor == 0.0 || factor == 2.0) { ${alternating(a, terms(a, 11, 17))} ${a.multiply(r, 'e', 'h')} }
  else { ${alternating(a, terms(a, 12, 18))} ${a.copy(r, 'e')} }
  if (factor >= 2.0) { ${a.negate(r, r)} }`

export const sin = (a: Arithmetic, r: string, p: string): string => `${reducedAngle(a, p)} ${sineOf(a, r, 'left')}`

export const cos = (a: Arithmetic, r: string, p: string): string =>
  `${reducedAngle(a, p)} ${sineOf(a, r, 'left + 1.0')}`

export const tan = (a: Arithmetic, r: string, p: string): string => `
  ${reducedAngle(a, p)} ${sineOf(a, r, 'left')} ${a.copy('g', r)} ${sineOf(a, r, 'left + 1.0')}
  ${a.copy('e', r)} ${a.divide(r, 'g', 'e')}`

/** Sets `r` to the angle whose tangent is `h` ≥ 0, which is turned by 45° or 90° to one below 22.5°. */
const angleOf = (a: Arithmetic, r: string): string => `
  k = 0.0; ${a.constant('c', 1)} ${a.copy('g', 'h')}
  if (h > 2.414213562373095) { k = 2.0; ${a.negate('c', 'c')} ${a.divide('g', 'c', 'h')} }
  else { if (h > 0.4142135623730951) { k = 1.0; ${a.subtract('d', 'h', 'c')} ${a.add('g', 'h', 'c')} ${a.divide('g', 'd', 'g')} } }
  ${a.multiply('z', 'g', 'g')} ${a.negate('z', 'z')} ${oddSeries(a, terms(a, 9, 20))} ${a.rescale('e', 'e', '0.5')}
  ${a.constant('d', 0)} d = k; ${a.constant('c', Math.PI / 4)} ${a.multiply('c', 'c', 'd')} ${a.add(r, 'c', 'e')}`

export const atan = (a: Arithmetic, r: string, p: string): string => `
  ${a.copy('h', p)} if (${p} < 0.0) { ${a.negate('h', p)} }
  ${angleOf(a, r)} if (${p} < 0.0) { ${a.negate(r, r)} }`

/** Sets `h` to `√((1 − p)(1 + p))`. */
const legOf = (a: Arithmetic, p: string): string =>
  `${a.constant('c', 1)} ${a.subtract('d', 'c', p)} ${a.add('e', 'c', p)} ${a.multiply('d', 'd', 'e')} ${a.squareRoot('h', 'd')}`

const quarterTurn = (a: Arithmetic, to: string): string => a.constant(to, Math.PI / 2)

/** The angle of `(√(1 − p²), |p|)`, from whichever axis is nearer. */
export const asin = (a: Arithmetic, r: string, p: string): string => `
  ${legOf(a, p)} ${a.copy('z', p)} if (${p} < 0.0) { ${a.negate('z', p)} }
  factor = 0.0; if (z > h) { factor = 1.0; ${a.divide('h', 'h', 'z')} } else { ${a.divide('h', 'z', 'h')} }
  ${angleOf(a, r)}
  if (factor > 0.0) { ${quarterTurn(a, 'c')} ${a.subtract(r, 'c', r)} }
  if (${p} < 0.0) { ${a.negate(r, r)} }`

export const acos = (a: Arithmetic, r: string, p: string): string => `
  ${legOf(a, p)} ${a.copy('z', p)} if (${p} < 0.0) { ${a.negate('z', p)} }
  factor = 0.0; if (z > h) { factor = 1.0; ${a.divide('h', 'h', 'z')} } else { ${a.divide('h', 'z', 'h')} }
  ${angleOf(a, r)}
  if (factor == 0.0) { ${quarterTurn(a, 'c')} ${a.subtract(r, 'c', r)} }
  if (${p} < 0.0) { ${a.constant('c', Math.PI)} ${a.subtract(r, 'c', r)} }`

/** The angle of (q, p) in [−π, π]; 0 at the origin. */
export const atan2 = (a: Arithmetic, r: string, p: string, q: string): string => `
  ${a.copy('g', p)} if (${p} < 0.0) { ${a.negate('g', p)} }
  ${a.copy('z', q)} if (${q} < 0.0) { ${a.negate('z', q)} }
  factor = 0.0; ${a.constant('h', 0)}
  if (${a.less('z', 'g')}) { factor = 1.0; ${a.divide('h', 'z', 'g')} } else { if (!(z == 0.0)) { ${a.divide('h', 'g', 'z')} } }
  ${angleOf(a, r)}
  if (factor > 0.0) { ${quarterTurn(a, 'c')} ${a.subtract(r, 'c', r)} }
  if (${q} < 0.0) { ${a.constant('c', Math.PI)} ${a.subtract(r, 'c', r)} }
  if (${p} < 0.0) { ${a.negate(r, r)} }`
