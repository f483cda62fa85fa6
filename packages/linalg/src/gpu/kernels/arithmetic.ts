/**
 * How kernel text computes with numbers. A kernel is written once, in statements about named numbers; in `float32` a
 * number `a` is one variable, in `double-single` it is the unevaluated sum of two, `a + aL` with |aL| ≤ ½ ulp(a).
 */

/** How numbers are kept on a device. */
export type Precision = 'float64' | 'float32' | 'double-single'
export type KernelPrecision = Exclude<Precision, 'float64'>

/** Statements that compute; names are variables declared before, `to` may be one of the arguments. */
export interface Arithmetic {
  readonly precision: KernelPrecision
  /** Floats in memory for each number: the low halves stand behind the high ones, row by row. */
  readonly width: 1 | 2
  readonly declare: (...names: readonly string[]) => string
  /** What the statements below need, declared once at the top of a kernel. */
  readonly temporaries: string
  readonly constant: (to: string, value: number) => string
  readonly copy: (to: string, a: string) => string
  /** Entry of a matrix argument; `columns` is an expression for its number of columns. */
  readonly load: (to: string, matrix: string, row: string, column: string) => string
  readonly add: (to: string, a: string, b: string) => string
  readonly subtract: (to: string, a: string, b: string) => string
  readonly multiply: (to: string, a: string, b: string) => string
  readonly divide: (to: string, a: string, b: string) => string
  readonly negate: (to: string, a: string) => string
  readonly squareRoot: (to: string, a: string) => string
  readonly floor: (to: string, a: string) => string
  /** Multiplication by a float that is a power of two: exact. */
  readonly rescale: (to: string, a: string, factor: string) => string
  /** Condition: a < b; of numbers that are not NaN. */
  readonly less: (a: string, b: string) => string
  readonly equal: (a: string, b: string) => string
}

const text = (value: number): string => {
  const single = Math.fround(value)
  // Shading languages have no words for these: they are made of `least`, which is in every kernel.
  if (Number.isNaN(single)) return 'Math.sqrt(least)'
  if (!Number.isFinite(single)) return single > 0 ? '(least * least)' : '(least * 1e30)'
  const written = String(single)
  return single < 0 ? `-${text(-single)}` : /[.e]/.test(written) ? written : `${written}.0`
}

const float32: Arithmetic = {
  precision: 'float32',
  width: 1,
  declare: (...names) => names.map((name) => `let ${name} = 0.0;`).join(' '),
  temporaries: '',
  constant: (to, value) => `${to} = ${text(value)};`,
  copy: (to, a) => `${to} = ${a};`,
  load: (to, matrix, row, column) => `${to} = ${matrix}[${row}][${column}];`,
  add: (to, a, b) => `${to} = ${a} + ${b};`,
  subtract: (to, a, b) => `${to} = ${a} - ${b};`,
  multiply: (to, a, b) => `${to} = ${a} * ${b};`,
  divide: (to, a, b) => `${to} = ${a} / ${b};`,
  negate: (to, a) => `${to} = 0.0 - ${a};`,
  squareRoot: (to, a) => `${to} = Math.sqrt(${a});`,
  floor: (to, a) => `${to} = Math.floor(${a});`,
  rescale: (to, a, factor) => `${to} = ${a} * ${factor};`,
  less: (a, b) => `${a} < ${b}`,
  equal: (a, b) => `${a} == ${b}`,
}

/**
 * A compiler that may reassociate would find (a + b) − a to be b and remove every error term. Nothing can be moved
 * through max(·, least), where `least`, −3e38, is an argument that no compiler knows.
 */
const opaque = (expression: string): string => `Math.max(${expression}, least)`

/** s = a + b and its rounding error e (Knuth; s may be neither a nor b). */
const twoSum = (s: string, e: string, a: string, b: string): string =>
  `${s} = ${opaque(`${a} + ${b}`)}; t9 = ${opaque(`${s} - ${a}`)}; ${e} = (${a} - ${opaque(`${s} - t9`)}) + (${b} - t9);`

/** The same where |a| ≥ |b| (Dekker). */
const fastTwoSum = (s: string, e: string, a: string, b: string): string =>
  `t8 = ${a}; t9 = ${b}; ${s} = ${opaque('t8 + t9')}; ${e} = t9 - ${opaque(`${s} - t8`)};`

/** p = a b and its rounding error e, from halves of 12 bits (Dekker; Veltkamp's splitting); spoils t4 to t7. */
const twoProduct = (p: string, e: string, a: string, b: string): string => {
  const split = (high: string, low: string, x: string): string =>
    `t9 = ${opaque(`4097.0 * ${x}`)}; ${high} = ${opaque(`t9 - ${opaque(`t9 - ${x}`)}`)}; ${low} = ${x} - ${high};`
  return [
    split('t4', 't5', a),
    split('t6', 't7', b),
    `${p} = ${opaque(`${a} * ${b}`)};`,
    `${e} = ((${opaque(`t4 * t6 - ${p}`)} + t4 * t7) + t5 * t6) + t5 * t7;`,
  ].join(' ')
}

/** (to, toL) := (t0, t1), renormalized. */
const finish = (to: string): string => fastTwoSum(to, `${to}L`, 't0', 't1')

/** Bounds, in units of u² with u = 2⁻²⁴: sum 3, product 5, quotient 10, root 4 (Joldes, Muller and Popescu 2017). */
const doubleSingle: Arithmetic = {
  precision: 'double-single',
  width: 2,
  declare: (...names) => names.map((name) => `let ${name} = 0.0; let ${name}L = 0.0;`).join(' '),
  temporaries: Array.from({ length: 10 }, (_, i) => `let t${i} = 0.0;`).join(' '),
  constant: (to, value) => {
    const high = Math.fround(value)
    return `${to} = ${text(value)}; ${to}L = ${text(Number.isFinite(high) ? value - high : 0)};`
  },
  copy: (to, a) => `${to} = ${a}; ${to}L = ${a}L;`,
  load: (to, matrix, row, column) =>
    `${to} = ${matrix}[${row}][${column}]; ${to}L = ${matrix}[${row}][${column} + ${matrix}Columns];`,
  add: (to, a, b) =>
    [
      twoSum('t0', 't1', a, b),
      twoSum('t2', 't3', `${a}L`, `${b}L`),
      't1 = t1 + t2;',
      fastTwoSum('t0', 't1', 't0', 't1'),
      't1 = t1 + t3;',
      finish(to),
    ].join(' '),
  subtract: (to, a, b) =>
    [
      twoSum('t0', 't1', a, `(0.0 - ${b})`),
      twoSum('t2', 't3', `${a}L`, `(0.0 - ${b}L)`),
      't1 = t1 + t2;',
      fastTwoSum('t0', 't1', 't0', 't1'),
      't1 = t1 + t3;',
      finish(to),
    ].join(' '),
  multiply: (to, a, b) =>
    [twoProduct('t0', 't1', a, b), `t1 = t1 + (${a} * ${b}L + ${a}L * ${b});`, finish(to)].join(' '),
  divide: (to, a, b) =>
    [
      `t3 = ${opaque(`${a} / ${b}`)};`,
      twoProduct('t0', 't1', 't3', b),
      `t2 = ((${opaque(`${a} - t0`)} - t1) + ${a}L) - t3 * ${b}L;`,
      `t1 = t2 / ${b}; t0 = t3;`,
      finish(to),
    ].join(' '),
  negate: (to, a) => `${to} = 0.0 - ${a}; ${to}L = 0.0 - ${a}L;`,
  squareRoot: (to, a) =>
    [
      `t3 = ${opaque(`Math.sqrt(${a})`)};`,
      twoProduct('t0', 't1', 't3', 't3'),
      `t2 = (${opaque(`${a} - t0`)} - t1) + ${a}L;`,
      `if (t3 > 0.0) { t1 = t2 / (2.0 * t3); } else { t1 = Math.sqrt(${a}); } t0 = t3;`,
      finish(to),
    ].join(' '),
  floor: (to, a) =>
    `t0 = Math.floor(${a}); t1 = Math.floor(${a}L); if (t0 == ${a}) { ${finish(to)} } else { ${to} = t0; ${to}L = 0.0; }`,
  rescale: (to, a, factor) => `${to} = ${a} * ${factor}; ${to}L = ${a}L * ${factor};`,
  less: (a, b) => `${a} < ${b} || (${a} == ${b} && ${a}L < ${b}L)`,
  equal: (a, b) => `${a} == ${b} && ${a}L == ${b}L`,
}

export const arithmeticOf = (precision: KernelPrecision): Arithmetic =>
  precision === 'float32' ? float32 : doubleSingle
