/**
 * Exponentials and logarithms in the kernel's own arithmetic, since those of shading languages are not accurate (log
 * is off by up to 80 roundoffs) and differ everywhere. Each is text that sets the number `r` from `p`.
 */
import type { Arithmetic } from './arithmetic.ts'

/** What functions compute with, declared once in a kernel that has any. */
export const scratch = (a: Arithmetic): string =>
  `${a.declare('g', 'h', 'e', 'c', 'd', 'z')} let k = 0.0; let n = 0.0; let left = 0.0; let factor = 1.0;`

/** Terms after which nothing is left of a series. */
export const terms = (a: Arithmetic, single: number, double: number): number =>
  a.precision === 'float32' ? single : double

const bits = [64, 64, 32, 16, 8, 4, 2, 1] as const

/**
 * Sets k and e so that `exp g = 2^k (1 + e)`: Horner's rule for the power series of `exp h − 1`, `h = g − k log 2`,
 * |h| ≤ 0.35. log 2 is taken in two parts; the first has so few bits that k times it is exact.
 */
const reducedExp = (a: Arithmetic): string => `
  if (g > 89.0) { ${a.constant('g', 89)} }
  if (g < -104.0) { ${a.constant('g', -104)} }
  k = Math.floor(g * 1.4426950408889634 + 0.5);
  ${a.constant('d', 0)} d = k;
  ${a.constant('c', 0.693359375)} ${a.multiply('c', 'c', 'd')} ${a.subtract('h', 'g', 'c')}
  ${a.constant('c', Math.LN2 - 0.693359375)} ${a.multiply('c', 'c', 'd')} ${a.subtract('h', 'h', 'c')}
  ${a.constant('e', 0)}
  n = ${terms(a, 8, 14)}.0;
  for (let i = 0; i < ${terms(a, 8, 14)}; i++) {
    ${a.constant('c', 1)} ${a.add('e', 'e', 'c')} ${a.multiply('e', 'e', 'h')}
    ${a.constant('d', 0)} d = n; ${a.divide('e', 'e', 'd')}
    n = n - 1.0;
  }`

/** Multiplies a number by 2^k, in steps that are exact and do not overflow before the result does. */
const timesPowerOfTwo = (a: Arithmetic, name: string): string => `
  left = Math.abs(k);
  ${bits
    .map(
      (bit) => `if (left >= ${bit}.0) {
    factor = ${2 ** bit}.0; if (k < 0.0) { factor = ${2 ** -bit}; }
    left = left - ${bit}.0; ${a.rescale(name, name, 'factor')}
  }`,
    )
    .join(' ')}`

/** Sets `e` to `2g Σ zʲ / (2j + 1)`: for `z = g²` that is `2 artanh g = log((1 + g) / (1 − g))`, for −g² twice an angle. */
export const oddSeries = (a: Arithmetic, count: number): string => `
  ${a.constant('e', 0)}
  n = ${2 * count + 1}.0;
  for (let i = 0; i <= ${count}; i++) {
    ${a.multiply('e', 'e', 'z')}
    ${a.constant('c', 2)} ${a.constant('d', 0)} d = n; ${a.divide('c', 'c', 'd')} ${a.add('e', 'e', 'c')}
    n = n - 2.0;
  }
  ${a.multiply('e', 'e', 'g')}`

const artanhTwice = (a: Arithmetic, count: number): string => `${a.multiply('z', 'g', 'g')} ${oddSeries(a, count)}`

export const exp = (a: Arithmetic, r: string, p: string): string => `
  ${a.copy('g', p)} ${reducedExp(a)}
  ${a.constant('c', 1)} ${a.add(r, 'e', 'c')} ${timesPowerOfTwo(a, r)}`

/** Sets `r` to the logarithm of `h` > 0: `h = 2^k m`, `m` in [√½, √2], `log m = 2 artanh((m − 1) / (m + 1))`. */
const logOfPositive = (a: Arithmetic, r: string): string => `
  k = 0.0;
  ${bits.map((bit) => `if (h >= ${2 ** bit}.0) { k = k + ${bit}.0; ${a.rescale('h', 'h', String(2 ** -bit))} }`).join(' ')}
  ${bits.map((bit) => `if (h < ${bit === 1 ? '1.0' : 2 ** (1 - bit)}) { k = k - ${bit}.0; ${a.rescale('h', 'h', `${2 ** bit}.0`)} }`).join(' ')}
  if (h > 1.4142135623730951) { k = k + 1.0; ${a.rescale('h', 'h', '0.5')} }
  ${a.constant('c', 1)} ${a.subtract('g', 'h', 'c')} ${a.add('d', 'h', 'c')} ${a.divide('g', 'g', 'd')}
  ${artanhTwice(a, terms(a, 4, 9))}
  ${a.constant('d', 0)} d = k; ${a.constant('c', Math.LN2)} ${a.multiply('c', 'c', 'd')} ${a.add(r, 'c', 'e')}`

/** A driver's own log may be finite at 0 and −1. */
const logOf = (a: Arithmetic, r: string): string => `
  if (h > 0.0) { ${logOfPositive(a, r)} } else {
    if (h == 0.0) { ${r} = -1.0 / Math.abs(h); } else { ${r} = Math.sqrt(h); }
  }`

export const log = (a: Arithmetic, r: string, p: string): string =>
  `${a.constant(r, 0)} ${a.copy('h', p)} ${logOf(a, r)}`

/** log(1 + p): near 0 as `2 artanh(p / (2 + p))`, elsewhere the logarithm of the sum. */
export const log1p = (a: Arithmetic, r: string, p: string): string => `
  ${a.constant(r, 0)} ${a.constant('c', 1)} ${a.add('h', p, 'c')}
  if (${p} > -0.5 && ${p} < 1.0) {
    ${a.add('d', 'h', 'c')} ${a.divide('g', p, 'd')} ${artanhTwice(a, terms(a, 7, 15))} ${a.copy(r, 'e')}
  } else { ${logOf(a, r)} }`

/** Sets `e` to exp g − 1, where g < 60 with its digits near 0: `2^k e + (2^k − 1)`. */
const expMinusOne = (a: Arithmetic): string => `
  ${reducedExp(a)} ${a.constant('h', 1)}
  if (k > 60.0) { ${a.add('e', 'e', 'h')} ${timesPowerOfTwo(a, 'e')} }
  else {
    ${timesPowerOfTwo(a, 'e')} ${timesPowerOfTwo(a, 'h')}
    ${a.constant('c', 1)} ${a.subtract('h', 'h', 'c')} ${a.add('e', 'e', 'h')}
  }`

export const expm1 = (a: Arithmetic, r: string, p: string): string =>
  `${a.copy('g', p)} ${expMinusOne(a)} ${a.copy(r, 'e')}`

/** With `t = exp(−2|p|) − 1`, which keeps its digits near 0: `tanh |p| = −t / (2 + t)`. */
export const tanh = (a: Arithmetic, r: string, p: string): string => `
  ${a.copy('g', p)}
  if (${p} > 0.0) { ${a.negate('g', p)} }
  ${a.rescale('g', 'g', '2.0')} ${expMinusOne(a)}
  ${a.constant('c', 2)} ${a.add('d', 'e', 'c')} ${a.divide(r, 'e', 'd')}
  if (${p} > 0.0) { ${a.negate(r, r)} }`

const sizeOf = (a: Arithmetic, p: string): string => `${a.copy('g', p)} if (${p} < 0.0) { ${a.negate('g', p)} }`

/** With `t = exp |p| − 1`: `sinh |p| = (t + t / (t + 1)) / 2`. */
export const sinh = (a: Arithmetic, r: string, p: string): string => `
  ${sizeOf(a, p)} ${expMinusOne(a)}
  ${a.constant('c', 1)} ${a.add('d', 'e', 'c')} ${a.divide('d', 'e', 'd')}
  if (e > 1e20) { ${a.constant('d', 0)} }
  ${a.add(r, 'e', 'd')} ${a.rescale(r, r, '0.5')}
  if (${p} < 0.0) { ${a.negate(r, r)} }`

export const cosh = (a: Arithmetic, r: string, p: string): string => `
  ${sizeOf(a, p)} ${reducedExp(a)} ${a.constant('c', 1)} ${a.add('e', 'e', 'c')} ${timesPowerOfTwo(a, 'e')}
  ${a.constant('d', 0)} if (e < 1e15) { ${a.divide('d', 'c', 'e')} }
  ${a.add(r, 'e', 'd')} ${a.rescale(r, r, '0.5')}`

/** Sets `h` to `exp(−|p|)`. */
const expOfMinusSize = (a: Arithmetic, p: string): string => `
  ${a.copy('g', p)} if (${p} > 0.0) { ${a.negate('g', p)} } ${reducedExp(a)}
  ${a.constant('c', 1)} ${a.add('h', 'e', 'c')} ${timesPowerOfTwo(a, 'h')}`

export const sigmoid = (a: Arithmetic, r: string, p: string): string => `
  ${expOfMinusSize(a, p)}
  ${a.constant('c', 1)} ${a.add('d', 'h', 'c')}
  if (${p} >= 0.0) { ${a.copy('h', 'c')} }
  ${a.divide(r, 'h', 'd')}`

/** `max(p, 0) + log(1 + t)`, `t = exp(−|p|)`, `log(1 + t) = 2 artanh(t / (2 + t))`. */
export const softplus = (a: Arithmetic, r: string, p: string): string => `
  ${expOfMinusSize(a, p)}
  ${a.constant('c', 2)} ${a.add('d', 'h', 'c')} ${a.divide('g', 'h', 'd')}
  ${artanhTwice(a, terms(a, 7, 15))}
  ${a.copy(r, 'e')} if (${p} > 0.0) { ${a.add(r, 'e', p)} }`

/** Powers by products; whole numbers beyond this by logarithms. */
const fewFactors = 16

/** Sets `e` to p to the |q|, a whole number: by squares of p, as the binary digits of q say. */
const byFactors = (a: Arithmetic, p: string, q: string): string => `
  ${a.constant('e', 1)} ${a.copy('z', p)} n = Math.abs(${q});
  for (let i = 0; i < 5; i++) {
    left = Math.floor(n * 0.5);
    if (n - 2.0 * left > 0.5) { ${a.multiply('e', 'e', 'z')} }
    if (left > 0.0) { ${a.multiply('z', 'z', 'z')} }
    n = left;
  }`

/** p to the q: by factors if they are few, else `exp(q log |p|)`; where p < 0, with the sign of a whole q, or NaN. */
export const pow = (a: Arithmetic, r: string, p: string, q: string): string => `
  ${a.constant(r, 0)} ${a.floor('d', q)} ${a.subtract('d', q, 'd')}
  if (d == 0.0 && Math.abs(${q}) <= ${fewFactors}.0) {
    ${byFactors(a, p, q)} ${a.copy(r, 'e')}
    if (${q} < 0.0) { ${a.constant('c', 1)} ${a.divide(r, 'c', 'e')} }
  } else {
    ${a.copy('h', p)} if (${p} < 0.0) { ${a.negate('h', p)} }
    if (h > 0.0) {
      ${logOfPositive(a, r)} ${a.multiply('g', r, q)}
      ${reducedExp(a)} ${a.constant('c', 1)} ${a.add(r, 'e', 'c')} ${timesPowerOfTwo(a, r)}
      ${a.floor('d', q)} ${a.subtract('d', q, 'd')}
      if (${p} < 0.0) {
        if (d == 0.0) { if (${q} - 2.0 * Math.floor(${q} * 0.5) > 0.5) { ${a.negate(r, r)} } } else { ${r} = Math.sqrt(${p}); }
      }
    } else { if (h == 0.0) { if (${q} < 0.0) { ${r} = 1.0 / Math.abs(h); } } else { ${r} = h; } }
  }`
