import { type Code, type Local, local, type Operand } from '../assembler/code.ts'
import { f64 } from '../assembler/scalar.ts'
import { f64x2 } from '../assembler/simd.ts'

/** A function of a double, or of two at once. */
export interface Evaluation<T extends 'f64' | 'v128'> {
  /** What must run before the value is used. */
  readonly before: readonly Code<'none'>[]
  readonly value: Code<T>
}

interface Ring<T extends 'f64' | 'v128', C> {
  readonly type: T
  readonly add: (a: Code<T>, b: Code<T>) => Code<T>
  readonly mul: (a: Code<T>, b: Code<T>) => Code<T>
  readonly coefficient: (c: C) => Code<T>
}

const polynomialOver =
  <T extends 'f64' | 'v128', C>({ type, add, mul, coefficient }: Ring<T, C>) =>
  (x: Local<T>, coefficients: readonly C[]): Evaluation<T> => {
    const powers: Local<T>[] = [x]
    while (2 ** powers.length < coefficients.length) powers.push(local(type))
    const value = (list: readonly C[]): Code<T> => {
      if (list.length === 1) return coefficient(list[0] as C)
      const level = Math.ceil(Math.log2(list.length)) - 1
      const power = powers[level] as Code<T>
      return add(value(list.slice(0, 2 ** level)), mul(power, value(list.slice(2 ** level))))
    }
    return {
      before: powers
        .slice(1)
        .map((power, i) => power.set(mul(powers[i] as Code<T>, powers[i] as Code<T>) as Operand<T>)),
      value: value(coefficients),
    }
  }

/**
 * Σ cᵢ xⁱ, lower half and upper half apart so that they run side by side (Estrin 1960); a coefficient may be a pair, one
 * for each lane.
 */
export const polynomial: (
  x: Local<'v128'>,
  coefficients: readonly (number | readonly [number, number])[],
) => Evaluation<'v128'> = /* @__PURE__ */ polynomialOver({
  ...{ type: 'v128', add: f64x2.add, mul: f64x2.mul },
  coefficient: (c: number | readonly [number, number]) => (typeof c === 'number' ? f64x2.const(c) : f64x2.const(...c)),
})

/** The same for one double; coefficients may be computed. */
export const scalarPolynomial: (x: Local<'f64'>, coefficients: readonly Operand<'f64'>[]) => Evaluation<'f64'> =
  /* @__PURE__ */ polynomialOver({
    ...{ type: 'f64', add: f64.add, mul: f64.mul },
    coefficient: (c: Operand<'f64'>) => (typeof c === 'number' ? f64.const(c) : c),
  })

/** 1/n! for n from `first`, every `step`-th one, with alternating signs where asked. */
export const inverseFactorials = (first: number, step: number, count: number, alternating = false): readonly number[] =>
  Array.from({ length: count }, (_, i) => {
    let product = 1
    for (let n = 2; n <= first + i * step; n++) product *= n
    return (alternating && i % 2 === 1 ? -1 : 1) / product
  })
