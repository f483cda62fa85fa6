import { type Code, type Local, local } from '../assembler/code.ts'
import { f64x2 } from '../assembler/simd.ts'

type V128 = Code<'v128'>

/** A function of two doubles at once. */
export interface Evaluation {
  /** What must run before the value is used. */
  readonly before: readonly Code<'none'>[]
  readonly value: V128
}

/** Σ cᵢ xⁱ, lower half and upper half apart so that they run side by side (Estrin 1960). */
export const polynomial = (x: Local<'v128'>, coefficients: readonly number[]): Evaluation => {
  const powers: Local<'v128'>[] = [x]
  while (2 ** powers.length < coefficients.length) powers.push(local('v128'))
  const value = (list: readonly number[]): V128 => {
    if (list.length === 1) return f64x2.const(list[0] as number)
    const level = Math.ceil(Math.log2(list.length)) - 1
    const power = powers[level] as V128
    return f64x2.add(value(list.slice(0, 2 ** level)), f64x2.mul(power, value(list.slice(2 ** level))))
  }
  return {
    before: powers.slice(1).map((power, i) => power.set(f64x2.mul(powers[i] as V128, powers[i] as V128))),
    value: value(coefficients),
  }
}

/** 1/n! for n from `first`, every `step`-th one, with alternating signs where asked. */
export const inverseFactorials = (first: number, step: number, count: number, alternating = false): readonly number[] =>
  Array.from({ length: count }, (_, i) => {
    let product = 1
    for (let n = 2; n <= first + i * step; n++) product *= n
    return (alternating && i % 2 === 1 ? -1 : 1) / product
  })
