/** What the command's own searches and directions promise of each step, for traces: `secant verify` holds them to it. */
import type { Promised } from '@secant/verify'

export interface Promising {
  readonly promises: readonly Promised[]
  readonly c1?: number
  readonly c2?: number
  /** First length and factor of a search that shortens. */
  readonly initial?: number
  readonly shrink?: number
}

const wolfe = { promises: ['strong Wolfe'], c1: 1e-4, c2: 0.9 } as const

export const promisesOfSearches: ReadonlyMap<string, Promising> = new Map<string, Promising>([
  ['strong-wolfe', wolfe],
  ['more-thuente', wolfe],
  ['exact-quadratic', { ...wolfe, c2: 0.1 }],
  ['hager-zhang', { promises: ['descent'] }],
  ['backtracking', { promises: ['Armijo'], c1: 1e-4, initial: 1, shrink: 0.5 }],
  ['nonmonotone', { promises: ['descent'] }],
])

/** Directions −Hg that satisfy the secant equation. */
const quasiNewton: ReadonlySet<string> = new Set(['bfgs', 'lbfgs'])

/** What a direction and a search promise together; nothing where neither does. */
export const promisesOf = (direction: string, search: string): Promising | Record<string, never> => {
  const found = promisesOfSearches.get(search)
  const own: readonly Promised[] = quasiNewton.has(direction) ? ['secant equation'] : []
  const promises = [...(found?.promises ?? []), ...own]
  return promises.length === 0 ? {} : { ...found, promises }
}
