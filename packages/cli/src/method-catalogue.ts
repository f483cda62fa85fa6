/** The names that `secant minimize` knows methods by: a direction, and a search that may be exchanged. */
import {
  adam,
  backtracking,
  bfgs,
  type Direction,
  descend,
  descendRemembering,
  exactQuadratic,
  fixed,
  following,
  hagerZhang,
  lbfgs,
  type Method,
  maximumOfLast,
  moreThuente,
  type Remembering,
  type Search,
  steepest,
  strongWolfe,
} from '@secant/optim'
import { misunderstood } from './failure.ts'
import { type Promising, promisesOf } from './promises.ts'

interface KnownDirection {
  readonly direction: Direction<unknown>
  /** Name of the search that goes with it where none is named. */
  readonly search: string
  /** The most parameters that its memory is meant for. */
  readonly largest: number
}

/** A direction that keeps its memory to itself: what it is handed back is only ever its own. */
const known = <M>(direction: Direction<M>, search: string, largest = Number.POSITIVE_INFINITY): KnownDirection => ({
  direction: direction as Direction<unknown>,
  search,
  largest,
})

export const directions: ReadonlyMap<string, KnownDirection> = new Map([
  ['lbfgs', known(lbfgs(), 'strong-wolfe')],
  ['bfgs', known(bfgs(), 'strong-wolfe', 2000)],
  ['adam', known(following(adam({ rate: 0.05 })), 'fixed')],
  ['gradient-descent', known(steepest(), 'backtracking')],
])

/** The method that goes where a direction points, as far as a search says. */
type Going = (direction: Direction<unknown>) => Method<unknown>

const going =
  (search: Search): Going =>
  (direction) =>
    descend(direction, search) as Method<unknown>

const goingWith =
  <T>(search: Remembering<T>): Going =>
  (direction) =>
    descendRemembering(direction, search) as Method<unknown>

export const searches: ReadonlyMap<string, Going> = new Map([
  ['strong-wolfe', going(strongWolfe())],
  ['hager-zhang', going(hagerZhang())],
  ['more-thuente', going(moreThuente())],
  ['exact-quadratic', going(exactQuadratic())],
  ['backtracking', going(backtracking())],
  ['nonmonotone', goingWith(maximumOfLast())],
  ['fixed', going(fixed(1))],
])

/** A method, and what describes it in results, traces and checkpoints. */
export interface Chosen {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  /** What it promises of each step, as far as that is known. */
  readonly promises: Promising | Record<string, never>
  readonly method: Method<unknown>
}

const fromCatalogue = (name: string, searchName: string | undefined, n: number): Chosen => {
  const { direction, search, largest } = directions.get(name) as KnownDirection
  if (n > largest)
    throw misunderstood(
      `--method ${name}: got ${n} parameters, whose ${n} × ${n} matrix is too large; needs at most ${largest}`,
    )
  const used = searchName ?? search
  const method = (searches.get(used) as Going)(direction)
  return { name: method.name, options: { search: used }, promises: promisesOf(name, used), method }
}

/** The method that the command line names, the module's own one where it names none, and L-BFGS otherwise. */
export const chooseMethod = (
  named: { readonly method?: string; readonly search?: string },
  own: Method<unknown> | undefined,
  n: number,
): Chosen => {
  if (own === undefined || named.method !== undefined) return fromCatalogue(named.method ?? 'lbfgs', named.search, n)
  if (named.search !== undefined)
    throw misunderstood(`--search: got ${named.search} beside a method of the module's own; needs --method with it`)
  return { name: own.name, options: {}, promises: {}, method: own }
}
