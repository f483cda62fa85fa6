import type { Arithmetic } from './kernels/arithmetic.ts'
import * as text from './kernels/functions.ts'

/**
 * A function of entries at equal places: for the host in float64, and as text that sets `r` from `p`, `q` and `s`.
 * `error` bounds its relative error on devices, in unit roundoffs of the device.
 */
export interface Elementwise {
  readonly name: string
  readonly arity: 1 | 2 | 3
  /** Arguments beyond the arity mean nothing. */
  readonly host: (p: number, q: number, s: number) => number
  readonly kernel: (a: Arithmetic) => string
  readonly error: number
}

type Binary = (p: number, q: number) => number

const one = (name: string, host: (p: number) => number, kernel: Elementwise['kernel'], error: number): Elementwise => ({
  name,
  arity: 1,
  host,
  kernel,
  error,
})

const two = (name: string, host: Binary, kernel: Elementwise['kernel'], error = 1): Elementwise => ({
  name,
  arity: 2,
  host,
  kernel,
  error,
})

const truth = (condition: (a: Arithmetic) => string) => (a: Arithmetic) =>
  `${a.constant('r', 0)} if (${condition(a)}) { ${a.constant('r', 1)} }`

const test = (name: string, host: (p: number, q: number) => boolean, condition: (a: Arithmetic) => string) =>
  two(name, (p, q) => (host(p, q) ? 1 : 0), truth(condition), 0)

export const add: Elementwise = two(
  'add',
  (p, q) => p + q,
  (a) => a.add('r', 'p', 'q'),
)
export const sub: Elementwise = two(
  'sub',
  (p, q) => p - q,
  (a) => a.subtract('r', 'p', 'q'),
)
export const mul: Elementwise = two(
  'mul',
  (p, q) => p * q,
  (a) => a.multiply('r', 'p', 'q'),
)
export const div: Elementwise = two(
  'div',
  (p, q) => p / q,
  (a) => a.divide('r', 'p', 'q'),
  4,
)

const unless = (condition: string, a: Arithmetic, otherwise: string): string =>
  `${a.constant('r', 0)} if (!(${condition})) { ${otherwise} }`

/** Product in which 0 wins over ∞ and NaN, as derivatives are multiplied. */
export const scale: Elementwise = two(
  'scale',
  (p, q) => (p === 0 || q === 0 ? 0 : p * q),
  (a) => unless('p == 0.0 || q == 0.0', a, a.multiply('r', 'p', 'q')),
)

/** Quotient in which a numerator of 0 wins. */
export const scaleDown: Elementwise = two(
  'scaleDown',
  (p, q) => (p === 0 ? 0 : p / q),
  (a) => unless('p == 0.0', a, a.divide('r', 'p', 'q')),
  4,
)

export const maximum: Elementwise = two(
  'maximum',
  (p, q) => Math.max(p, q),
  (a) => `${a.copy('r', 'p')} if (${a.less('p', 'q')}) { ${a.copy('r', 'q')} }`,
  0,
)
export const minimum: Elementwise = two(
  'minimum',
  (p, q) => Math.min(p, q),
  (a) => `${a.copy('r', 'p')} if (${a.less('q', 'p')}) { ${a.copy('r', 'q')} }`,
  0,
)

export const greater: Elementwise = test(
  'greater',
  (p, q) => p > q,
  (a) => a.less('q', 'p'),
)
export const greaterEqual: Elementwise = test(
  'greaterEqual',
  (p, q) => p >= q,
  (a) => `${a.less('q', 'p')} || ${a.equal('p', 'q')}`,
)
export const less: Elementwise = test(
  'less',
  (p, q) => p < q,
  (a) => a.less('p', 'q'),
)
export const lessEqual: Elementwise = test(
  'lessEqual',
  (p, q) => p <= q,
  (a) => `${a.less('p', 'q')} || ${a.equal('p', 'q')}`,
)
export const equal: Elementwise = test(
  'equal',
  (p, q) => p === q,
  (a) => a.equal('p', 'q'),
)
export const notEqual: Elementwise = test(
  'notEqual',
  (p, q) => p !== q,
  (a) => `!(${a.equal('p', 'q')})`,
)

/** The part of p in the larger of both: 1, ½ or 0. */
export const share: Elementwise = two(
  'share',
  (p, q) => (p > q ? 1 : p < q ? 0 : p === q ? 0.5 : Number.NaN),
  (a) =>
    `${a.constant('r', 0.5)} if (${a.less('q', 'p')}) { ${a.constant('r', 1)} } if (${a.less('p', 'q')}) { ${a.constant('r', 0)} }`,
  0,
)

/** q where p is not 0, s elsewhere. */
export const where: Elementwise = {
  name: 'where',
  arity: 3,
  host: (p, q, s) => (p !== 0 ? q : s),
  kernel: (a) => `${a.copy('r', 's')} if (p != 0.0) { ${a.copy('r', 'q')} }`,
  error: 0,
}

export const neg: Elementwise = one(
  'neg',
  (p) => -p,
  (a) => a.negate('r', 'p'),
  0,
)
export const abs: Elementwise = one(
  'abs',
  Math.abs,
  (a) => `${a.copy('r', 'p')} if (p < 0.0) { ${a.negate('r', 'p')} }`,
  0,
)
/** −1, 0 or 1. */
export const sign: Elementwise = one(
  'sign',
  Math.sign,
  (a) =>
    `${a.constant('r', 0)} if (p > 0.0) { ${a.constant('r', 1)} } if (p < 0.0) { ${a.constant('r', 1)} ${a.negate('r', 'r')} }`,
  0,
)
export const square: Elementwise = one(
  'square',
  (p) => p * p,
  (a) => a.multiply('r', 'p', 'p'),
  1,
)
export const reciprocal: Elementwise = one(
  'reciprocal',
  (p) => 1 / p,
  (a) => `${a.declare('q')} ${a.constant('q', 1)} ${a.divide('r', 'q', 'p')}`,
  4,
)
export const sqrt: Elementwise = one('sqrt', Math.sqrt, (a) => a.squareRoot('r', 'p'), 4)
/** 1 where an entry is a number of the device's range, 0 at ±∞ and NaN. */
export const finite: Elementwise = one(
  'finite',
  (p) => (Number.isFinite(p) ? 1 : 0),
  truth(() => 'Math.abs(p) < 3.4e38'),
  0,
)
export const exp: Elementwise = one('exp', Math.exp, text.exp, 16)
/** Relative to max(|log x|, 1). */
export const log: Elementwise = one('log', Math.log, text.log, 16)
export const tanh: Elementwise = one('tanh', Math.tanh, text.tanh, 32)
export const sigmoid: Elementwise = one(
  'sigmoid',
  (p) => (p >= 0 ? 1 / (1 + Math.exp(-p)) : Math.exp(p) / (1 + Math.exp(p))),
  text.sigmoid,
  32,
)
export const softplus: Elementwise = one(
  'softplus',
  (p) => Math.max(p, 0) + Math.log1p(Math.exp(-Math.abs(p))),
  text.softplus,
  32,
)
