import type { Arithmetic } from './arithmetic.ts'

/**
 * A kernel as text: what one entry (y, x) of the result is. `body` sets the number `r`. Every matrix argument `a`
 * comes with the scalar `aColumns`, its number of columns; `columns` is that of the result.
 */
export interface Kernel {
  readonly name: string
  readonly matrices: readonly string[]
  readonly scalars: readonly string[]
  readonly body: (arithmetic: Arithmetic) => string
}

/** Scalars that follow the kernel's own: columns of each matrix, columns of the result, the barrier's −3e38. */
export const scalarsOf = ({ matrices, scalars }: Kernel): readonly string[] => [
  ...scalars,
  ...matrices.map((name) => `${name}Columns`),
  'columns',
  'least',
]

/** The source that gpu.js compiles. In double-single the right half of a result's columns are the low parts. */
export const sourceOf = (kernel: Kernel, arithmetic: Arithmetic): string => {
  const wide = arithmetic.width === 2
  return `function (${[...kernel.matrices, ...scalarsOf(kernel)].join(', ')}) {
  let y = this.thread.y;
  let x = this.thread.x;
  ${wide ? 'let low = 0; if (x >= columns) { low = 1; x = x - columns; }' : ''}
  ${arithmetic.temporaries} ${arithmetic.declare('r')}
  ${kernel.body(arithmetic)}
  ${wide ? 'if (low > 0) { r = rL; }' : ''}
  return r;
}`
}

/** A kernel, the values of its scalars, and the shape of its result. */
export interface Launch {
  readonly kernel: Kernel
  readonly scalars: readonly number[]
  readonly rows: number
  readonly columns: number
}

/**
 * Sets `q` to ⌊of / by⌋ and `rest` to what is left, for whole numbers below 2²⁴. A quotient of floats may be off by
 * one next to a whole number: it is put right, which is exact.
 */
export const divide = (q: string, rest: string, of: string, by: string): string => `
  ${q} = Math.floor(${of} / ${by}); ${rest} = ${of} - ${q} * ${by};
  if (${rest} < 0.0) { ${q} = ${q} - 1.0; ${rest} = ${rest} + ${by}; }
  if (${rest} >= ${by}) { ${q} = ${q} + 1.0; ${rest} = ${rest} - ${by}; }`

export const whole = (...variables: readonly string[]): string =>
  variables.map((name) => `let ${name} = 0.0;`).join(' ')
