import {
  approximateWolfe,
  armijo,
  backtracking,
  type Condition,
  disjunction,
  hagerZhang,
  moreThuente,
  type Search,
  strongWolfe,
  strongWolfeCondition,
  wolfeCondition,
} from '@secant/optim'
import fc from 'fast-check'
import { factors, toThreeDigits } from './numbers.ts'
import { callOf, printedAs } from './printed.ts'

/** A search, the call that makes it, and what it promises of its steps. */
export interface PromisingSearch {
  readonly name: string
  readonly search: Search
  readonly promise: Condition
  readonly c1: number
  /** Absent where only decrease is promised. */
  readonly c2?: number
}

const promising = (parts: PromisingSearch): PromisingSearch => printedAs(parts.name, parts)

/** Backtracking with a random first length, constant and factor; they shrink to 1, 0.1 and ½. */
export const backtrackingSearches = (): fc.Arbitrary<
  PromisingSearch & { readonly initial: number; readonly shrink: number }
> =>
  fc
    .tuple(fc.oneof(factors(10), factors(0.1)), fc.constantFrom(0.1, 1e-4, 0.3, 0.45), fc.constantFrom(0.5, 0.1, 0.8))
    .map(([initial, c1, shrink]) => {
      const options = { initial, c1, shrink }
      const name = callOf('backtracking', options)
      return printedAs(name, { name, search: backtracking(options), promise: armijo(c1), ...options })
    })

/** c₁ and c₂ in the order that the conditions need; they shrink to 0.1 and 0.7. */
export const wolfeConstants: fc.Arbitrary<{ readonly c1: number; readonly c2: number }> = fc
  .tuple(fc.constantFrom(0.1, 1e-4, 0.01, 0.25, 0.4), fc.constantFrom(0.7, 0.9, 0.5, 0.99, 0.1))
  .map(([c1, c2]) => ({ c1, c2: c2 > c1 ? c2 : toThreeDigits((1 + c1) / 2) }))

/** Searches that promise the Wolfe conditions: strong Wolfe, Moré–Thuente. */
export const wolfeSearches = (): fc.Arbitrary<Required<PromisingSearch>> =>
  fc.tuple(fc.constantFrom('strongWolfe', 'moreThuente'), wolfeConstants).map(([name, constants]) => {
    const make = name === 'strongWolfe' ? strongWolfe : moreThuente
    const text = callOf(name, constants)
    return printedAs(text, {
      name: text,
      search: make(constants),
      promise: strongWolfeCondition(constants.c1, constants.c2),
      ...constants,
    })
  })

/** Any of the searches for smooth functions: step rules with what each promises. */
export const searches = (): fc.Arbitrary<PromisingSearch> =>
  fc.oneof(
    backtrackingSearches(),
    wolfeSearches(),
    fc.constant(
      promising({
        name: 'hagerZhang()',
        search: hagerZhang(),
        promise: disjunction(wolfeCondition(0.1, 0.9), approximateWolfe(0.1, 0.9)),
        c1: 0.1,
        c2: 0.9,
      }),
    ),
  )
