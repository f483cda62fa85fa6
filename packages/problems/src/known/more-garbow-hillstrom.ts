import type { Value } from '@secant/autodiff'
import type { Problem } from '../problem.ts'
import { fewVariables } from './few-variables.ts'
import { manyVariables } from './many-variables.ts'

/**
 * Twenty-one of the problems of Moré, Garbow and Hillstrom, *Testing unconstrained optimization software* (ACM TOMS 7,
 * 1981): sums of squares in 2 to 10 variables with the usual starts and the least of the known minima. From the usual
 * start some lead elsewhere: Freudenstein and Roth to 48.984, Biggs to 0.00566; Brown's almost linear one has another
 * minimum, 1.
 *
 * @example
 * moreGarbowHillstrom().length // => 21
 */
export const moreGarbowHillstrom = (): readonly Problem<Value>[] => [...fewVariables(), ...manyVariables()]
