/** How a suite looks at bounds: every comparison on every draw, and how far the nearest of them was from failing. */
import type { Tensor } from '@secant/linalg'
import { type Direction, descend, type Iterate, iterates, type Method, type Search } from '@secant/optim'
import fc from 'fast-check'
import { expect } from 'vitest'
import { isAtMost, type KnownProblem } from '../src/testing/index.ts'

/** `measured ≤ bound`, and the size of the numbers that they were computed from, where it exceeds 1. */
export interface Compared {
  readonly measured: number
  readonly bound: number
  readonly size?: number
}

/** What is compared on a draw, by the name of the bound. */
export type Bounds<K extends string> = Readonly<Record<K, readonly Compared[]>>

export interface Sweep {
  readonly comparisons: number
  /** The least bound / measured: 1 is equality. A bound that is tighter by more than that is false. */
  readonly slack: number
}

const isMet = ({ measured, bound, size = 1 }: Compared): boolean => isAtMost(measured, bound, size)

/** Bound / measured, of what stands clear of rounding. */
const factorOf = ({ measured, bound, size = 1 }: Compared): number =>
  measured > 1e-6 * Math.min(1, size) ? bound / measured : Number.POSITIVE_INFINITY

const namesOf = <K extends string>(bounds: Readonly<Record<K, unknown>>): readonly K[] => Object.keys(bounds) as K[]

/** Asserts bounds on random draws, and tells how tight each was. */
export const sweep = <A, K extends string>(
  numRuns: number,
  draws: fc.Arbitrary<A>,
  compare: (draw: A) => Bounds<K>,
): Readonly<Record<K, Sweep>> => {
  const found: Partial<Record<K, Sweep>> = {}
  fc.assert(
    fc.property(draws, (draw) => {
      const bounds = compare(draw)
      for (const name of namesOf(bounds)) {
        let { comparisons, slack } = found[name] ?? { comparisons: 0, slack: Number.POSITIVE_INFINITY }
        for (const compared of bounds[name]) {
          if (!isMet(compared)) expect.fail(`${name}: ${compared.measured} ≤ ${compared.bound} is not so`)
          comparisons++
          slack = Math.min(slack, factorOf(compared))
        }
        found[name] = { comparisons, slack }
      }
    }),
    { numRuns },
  )
  return found as Readonly<Record<K, Sweep>>
}

/** The bounds that break on some of the draws. */
export const broken = <A, K extends string>(
  numRuns: number,
  draws: fc.Arbitrary<A>,
  compare: (draw: A) => Bounds<K>,
): readonly K[] => {
  const names = new Set<K>()
  for (const draw of fc.sample(draws, numRuns)) {
    const bounds = compare(draw)
    for (const name of namesOf(bounds)) if (!bounds[name].every(isMet)) names.add(name)
  }
  return [...names].sort()
}

/** The same comparisons with every bound divided by a factor, and by its slack. */
export const tightened =
  <A, K extends string>(factor: number, found: Readonly<Record<K, Sweep>>, compare: (draw: A) => Bounds<K>) =>
  (draw: A): Bounds<K> => {
    const bounds = compare(draw)
    const tight = namesOf(bounds).map((name) => {
      const by = factor * found[name].slack
      return [name, bounds[name].map((compared) => ({ ...compared, bound: compared.bound / by }))]
    })
    return Object.fromEntries(tight)
  }

/** In words, for a test's annotation. */
export const told = (found: Readonly<Record<string, Sweep>>): string =>
  Object.entries(found)
    .map(
      ([name, { comparisons, slack }]) => `${name}: ${comparisons} comparisons, slack factor ${slack.toPrecision(4)}`,
    )
    .join('; ')

/** The iterates of a run that nothing but their number ends. */
export const iteratesOf = <S>(
  { measured, start }: Pick<KnownProblem, 'measured' | 'start'>,
  method: Method<S>,
  maxIterations: number,
): readonly Iterate<S>[] => [...iterates(measured, method, start, { until: [], maxIterations })]

/** A method whose state nobody looks into, so that methods of all kinds can stand in one list. */
export const opaque = <M>(direction: Direction<M>, search: Search): Method<unknown> =>
  descend(direction, search) as unknown as Method<unknown>

export const entry = (x: Tensor, i: number): number => x.data[i] as number
