import { conditions } from './conditions.ts'
import type { Theorem } from './theorem.ts'

/** Everything that can be checked, by subject. */
export const theoremsBySubject: ReadonlyMap<string, readonly Theorem[]> = new Map([['Conditions on steps', conditions]])

export const allTheorems: readonly Theorem[] = [...theoremsBySubject.values()].flat()
