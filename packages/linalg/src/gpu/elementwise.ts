/** Functions of entries that are made of arithmetic; those that take series are in functions.ts. */
import type { Arithmetic } from './kernels/arithmetic.ts'

/**
 * A function of entries at equal places: for the host in float64, and as text that sets a number `r` from others, which
 * have other names. `error` bounds its relative error on devices, in unit roundoffs of the device. The name tells it
 * from others.
 */
export interface Elementwise {
  readonly name: string
  readonly arity: 1 | 2 | 3
  /** Arguments beyond the arity mean nothing. */
  readonly host: (p: number, q: number, s: number) => number
  readonly kernel: (a: Arithmetic, r: string, p: string, q: string, s: string) => string
  readonly error: number
  /** Whether its text uses the numbers of `scratch`. */
  readonly scratch?: true
}

type Text = Elementwise['kernel']
type Binary = (p: number, q: number) => number

const one = (name: string, host: (p: number) => number, kernel: Text, error: number): Elementwise => ({
  name,
  arity: 1,
  host,
  kernel,
  error,
})

const two = (name: string, host: Binary, kernel: Text, error = 1): Elementwise => ({
  name,
  arity: 2,
  host,
  kernel,
  error,
})

const truth =
  (condition: (a: Arithmetic, p: string, q: string) => string): Text =>
  (a, r, p, q) =>
    `${a.constant(r, 0)} if (${condition(a, p, q)}) { ${a.constant(r, 1)} }`

const test = (
  name: string,
  host: (p: number, q: number) => boolean,
  condition: (a: Arithmetic, p: string, q: string) => string,
) => two(name, (p, q) => (host(p, q) ? 1 : 0), truth(condition), 0)

export const add: Elementwise = two(
  'add',
  (p, q) => p + q,
  (a, r, p, q) => a.add(r, p, q),
)
export const sub: Elementwise = two(
  'sub',
  (p, q) => p - q,
  (a, r, p, q) => a.subtract(r, p, q),
)
export const mul: Elementwise = two(
  'mul',
  (p, q) => p * q,
  (a, r, p, q) => a.multiply(r, p, q),
)
export const div: Elementwise = two(
  'div',
  (p, q) => p / q,
  (a, r, p, q) => a.divide(r, p, q),
  4,
)

/** Product in which 0 wins over ∞ and NaN, as derivatives are multiplied. */
export const scale: Elementwise = two(
  'scale',
  (p, q) => (p === 0 || q === 0 ? 0 : p * q),
  (a, r, p, q) => `${a.constant(r, 0)} if (!(${p} == 0.0 || ${q} == 0.0)) { ${a.multiply(r, p, q)} }`,
)

/** Quotient in which a numerator of 0 wins. */
export const scaleDown: Elementwise = two(
  'scaleDown',
  (p, q) => (p === 0 ? 0 : p / q),
  (a, r, p, q) => `${a.constant(r, 0)} if (!(${p} == 0.0)) { ${a.divide(r, p, q)} }`,
  4,
)

/** p or q, as `better` says; what is neither more nor less nor equal holds a NaN, which is passed on. */
const picked =
  (isBetter: (a: Arithmetic, p: string, q: string) => string): Text =>
  (a, r, p, q) =>
    `${a.copy(r, p)} if (${isBetter(a, p, q)}) { ${a.copy(r, q)} } if (!(${p} <= ${q}) && !(${q} <= ${p})) { ${r} = ${p} + ${q}; }`

export const maximum: Elementwise = two(
  'maximum',
  (p, q) => Math.max(p, q),
  picked((a, p, q) => a.less(p, q)),
  0,
)
export const minimum: Elementwise = two(
  'minimum',
  (p, q) => Math.min(p, q),
  picked((a, p, q) => a.less(q, p)),
  0,
)

export const greater: Elementwise = test(
  'greater',
  (p, q) => p > q,
  (a, p, q) => a.less(q, p),
)
export const greaterEqual: Elementwise = test(
  'greaterEqual',
  (p, q) => p >= q,
  (a, p, q) => `${a.less(q, p)} || ${a.equal(p, q)}`,
)
export const less: Elementwise = test(
  'less',
  (p, q) => p < q,
  (a, p, q) => a.less(p, q),
)
export const lessEqual: Elementwise = test(
  'lessEqual',
  (p, q) => p <= q,
  (a, p, q) => `${a.less(p, q)} || ${a.equal(p, q)}`,
)
export const equal: Elementwise = test(
  'equal',
  (p, q) => p === q,
  (a, p, q) => a.equal(p, q),
)
export const notEqual: Elementwise = test(
  'notEqual',
  (p, q) => p !== q,
  (a, p, q) => `!(${a.equal(p, q)})`,
)
/** Whether both are not 0. */
export const and: Elementwise = test(
  'and',
  (p, q) => p !== 0 && q !== 0,
  (_, p, q) => `${p} != 0.0 && ${q} != 0.0`,
)
/** Whether one of them is not 0. */
export const or: Elementwise = test(
  'or',
  (p, q) => p !== 0 || q !== 0,
  (_, p, q) => `${p} != 0.0 || ${q} != 0.0`,
)

/** The part of p in the larger of both: 1, ½ or 0. */
export const share: Elementwise = two(
  'share',
  (p, q) => (p > q ? 1 : p < q ? 0 : p === q ? 0.5 : Number.NaN),
  (a, r, p, q) =>
    `${a.constant(r, 0.5)} if (${a.less(q, p)}) { ${a.constant(r, 1)} } if (${a.less(p, q)}) { ${a.constant(r, 0)} }`,
  0,
)

/** q where p is not 0, s elsewhere. */
export const where: Elementwise = {
  name: 'where',
  arity: 3,
  host: (p, q, s) => (p !== 0 ? q : s),
  kernel: (a, r, p, q, s) => `${a.copy(r, s)} if (${p} != 0.0) { ${a.copy(r, q)} }`,
  error: 0,
}

export const neg: Elementwise = one(
  'neg',
  (p) => -p,
  (a, r, p) => a.negate(r, p),
  0,
)
export const abs: Elementwise = one(
  'abs',
  Math.abs,
  (a, r, p) => `${a.copy(r, p)} if (${p} < 0.0) { ${a.negate(r, p)} }`,
  0,
)
/** −1, 0 or 1. */
export const sign: Elementwise = one(
  'sign',
  Math.sign,
  (a, r, p) =>
    `${a.constant(r, 0)} if (${p} > 0.0) { ${a.constant(r, 1)} } if (${p} < 0.0) { ${a.constant(r, -1)} } if (!(${p} <= 0.0) && !(${p} >= 0.0)) { ${r} = ${p}; }`,
  0,
)
export const floor: Elementwise = one('floor', Math.floor, (a, r, p) => a.floor(r, p), 0)
export const ceil: Elementwise = one(
  'ceil',
  Math.ceil,
  (a, r, p) => `${a.negate(r, p)} ${a.floor(r, r)} ${a.negate(r, r)}`,
  0,
)
/** Without what is behind the point, as whole numbers are stored. */
export const trunc: Elementwise = one(
  'trunc',
  Math.trunc,
  (a, r, p) => `if (${p} < 0.0) { ${a.negate(r, p)} ${a.floor(r, r)} ${a.negate(r, r)} } else { ${a.floor(r, p)} }`,
  0,
)
export const square: Elementwise = one(
  'square',
  (p) => p * p,
  (a, r, p) => a.multiply(r, p, p),
  1,
)
export const reciprocal: Elementwise = {
  ...one(
    'reciprocal',
    (p) => 1 / p,
    (a, r, p) => `${a.constant('c', 1)} ${a.divide(r, 'c', p)}`,
    4,
  ),
  scratch: true,
}
export const sqrt: Elementwise = one('sqrt', Math.sqrt, (a, r, p) => a.squareRoot(r, p), 4)
/** 1 where an entry is a number of the device's range, 0 at ±∞ and NaN. */
export const finite: Elementwise = one(
  'finite',
  (p) => (Number.isFinite(p) ? 1 : 0),
  truth((_, p) => `Math.abs(${p}) < 3.4e38`),
  0,
)
