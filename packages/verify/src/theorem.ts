/**
 * A theorem about runs, as a value: what it assumes, and what it then bounds. Assumptions yield what the bound is
 * computed from, so that a bound whose constants are not known cannot be computed at all.
 */
import type { Monoid } from 'fp-ts/lib/Monoid.js'
import { type Comparison, conjunction } from './comparison.ts'
import type { RunView } from './run-view.ts'
import type { Status } from './status.ts'

/** What is known of an assumption on a run; one that failed may still tell a value, so that the bound can be looked at. */
export interface Finding<A> {
  readonly status: Status
  readonly detail: string
  readonly value?: A
}

/** Something a theorem needs, and how to find out whether a run has it. */
export interface Assumption<A> {
  readonly statement: string
  readonly find: (run: RunView) => Finding<A>
}

/**
 * `holds`: every comparison is within its bound. `violated`: one is not, although all assumptions hold.
 * `inconclusive`: one is not, but some constant was only estimated. `does not apply`: an assumption failed or is
 * unknown, or the run has nothing to compare. Statements that are no theorems are at best supported, and at worst
 * contradicted.
 */
export type Verdict = 'holds' | 'violated' | 'inconclusive' | 'does not apply' | 'supported' | 'contradicted'

/** An assumption as a row of a report shows it. */
export interface CheckedAssumption {
  readonly statement: string
  readonly status: Status
  readonly detail: string
}

/** What became of a theorem on a run. */
export interface Row {
  readonly theorem: string
  readonly kind: Theorem['kind']
  readonly source: string
  readonly statement: string
  readonly assumptions: readonly CheckedAssumption[]
  readonly verdict: Verdict
  /** Why it does not apply, why it is inconclusive, where it is violated. */
  readonly reasons: readonly string[]
  /** All that was compared, in the order of the run; also where the theorem does not apply but could be computed. */
  readonly comparisons: readonly Comparison[]
  /** The first comparison that is violated; the one of least slack where none is. */
  readonly tightest?: Comparison
}

export interface Theorem {
  readonly name: string
  /**
   * A condition is what a method promises of each step; a theorem follows from its assumptions; evidence is a statement
   * whose constants are not confirmed by a proof, or that a finite run can only speak for or against.
   */
  readonly kind: 'condition' | 'theorem' | 'evidence'
  readonly source: string
  /** One line with the formula. */
  readonly statement: string
  readonly assumptions: readonly Assumption<unknown>[]
  /** The comparisons on a run, whatever its assumptions; none where a value is missing. */
  readonly bound: (run: RunView) => readonly Comparison[]
  readonly check: (run: RunView) => Row
}

/** What is said about a theorem; `check` follows from it. */
export interface TheoremParts<A extends Readonly<Record<string, unknown>>> {
  readonly name: string
  readonly kind?: Theorem['kind']
  readonly source: string
  readonly statement: string
  readonly assumptions: { readonly [K in keyof A]: Assumption<A[K]> }
  readonly bound: (run: RunView, known: A) => readonly Comparison[]
}

/** Assumptions that leave nothing to say about the theorem. */
const isMissing = ({ status }: CheckedAssumption): boolean => status === 'failed' || status === 'unknown'

const isViolated = ({ slack, tolerance }: Comparison): boolean => !(slack >= -tolerance)

/** Where rounding is more than this share of the scale, a comparison that is not violated tells nothing. */
const mostRounding = 0.01

/** Comparisons that tell something; evidence has its own tolerances. */
const telling = (kind: Theorem['kind'], comparisons: readonly Comparison[]): readonly Comparison[] =>
  kind === 'evidence' ? comparisons : comparisons.filter((one) => one.tolerance <= mostRounding || isViolated(one))

const verdictOf = (
  kind: Theorem['kind'],
  assumptions: readonly CheckedAssumption[],
  comparisons: readonly Comparison[],
): readonly [Verdict, readonly string[]] => {
  const missing = assumptions.filter(isMissing)
  if (missing.length > 0)
    return ['does not apply', missing.map(({ statement, status, detail }) => `${status}: ${statement} (${detail})`)]
  if (comparisons.length === 0) return ['does not apply', ['the run has nothing to compare']]
  const broken = comparisons.find(isViolated)
  if (broken === undefined) return [kind === 'evidence' ? 'supported' : 'holds', []]
  const where = `step ${broken.step}: ${broken.measured} ${broken.relation} ${broken.bound} is not so`
  const estimated = assumptions.filter(({ status }) => status === 'estimated')
  if (kind === 'evidence') return ['contradicted', [where]]
  if (estimated.length > 0)
    return ['inconclusive', [where, ...estimated.map(({ statement, detail }) => `estimated: ${statement} (${detail})`)]]
  return ['violated', [where]]
}

/** A theorem from findings and comparisons that belong together. */
const examining = (
  said: Pick<Theorem, 'name' | 'kind' | 'source' | 'statement' | 'assumptions'>,
  examine: (run: RunView) => readonly [readonly Finding<unknown>[], readonly Comparison[]],
): Theorem => ({
  ...said,
  bound: (run) => examine(run)[1],
  check: (run) => {
    const [findings, all] = examine(run)
    const comparisons = telling(said.kind, all)
    const assumptions = said.assumptions.map(({ statement }, i) => {
      const { status, detail } = findings[i] as Finding<unknown>
      return { statement, status, detail }
    })
    const [verdict, reasons] = verdictOf(said.kind, assumptions, comparisons)
    const tightest = comparisons.find(isViolated) ?? comparisons.reduce(conjunction.concat, conjunction.empty)
    return {
      theorem: said.name,
      kind: said.kind,
      source: said.source,
      statement: said.statement,
      assumptions,
      verdict,
      reasons,
      comparisons,
      ...(comparisons.length === 0 ? {} : { tightest }),
    }
  },
})

/** A theorem from its parts. */
export const theorem = <A extends Readonly<Record<string, unknown>>>({
  assumptions,
  bound,
  kind = 'theorem',
  ...said
}: TheoremParts<A>): Theorem => {
  const names = Object.keys(assumptions)
  const list = names.map((name) => assumptions[name] as Assumption<unknown>)
  return examining({ ...said, kind, assumptions: list }, (run) => {
    const findings = list.map(({ find }) => find(run))
    if (findings.some(({ value }) => value === undefined)) return [findings, []]
    const known = Object.fromEntries(findings.map(({ value }, i) => [names[i] as string, value])) as A
    return [findings, bound(run, known)]
  })
}

const strengths: readonly Theorem['kind'][] = ['evidence', 'condition', 'theorem']

const weaker = (a: Theorem['kind'], b: Theorem['kind']): Theorem['kind'] =>
  strengths[Math.min(strengths.indexOf(a), strengths.indexOf(b))] ?? 'evidence'

const joined = (a: string, b: string, by: string): string => (a === '' ? b : b === '' ? a : `${a}${by}${b}`)

/**
 * Conjunction of theorems: all their assumptions, all their comparisons. Its verdict is that of the least slack; the
 * unit claims nothing.
 */
export const theoremMonoid: Monoid<Theorem> = {
  empty: examining({ name: '', kind: 'theorem', source: '', statement: '', assumptions: [] }, () => [[], []]),
  concat: (a, b) =>
    examining(
      {
        name: joined(a.name, b.name, ' and '),
        kind: weaker(a.kind, b.kind),
        source: a.source === b.source ? a.source : joined(a.source, b.source, '; '),
        statement: joined(a.statement, b.statement, ' and '),
        assumptions: [...a.assumptions, ...b.assumptions],
      },
      (run) => [
        [...a.assumptions, ...b.assumptions].map(({ find }) => find(run)),
        [...a.bound(run), ...b.bound(run)].sort((one, other) => one.step - other.step),
      ],
    ),
}

/** The same theorem under another name. */
export const renamed = (name: string, theorem: Theorem): Theorem => ({
  ...theorem,
  name,
  check: (run) => ({ ...theorem.check(run), theorem: name }),
})

/**
 * The theorem with its assumptions taken as given, wherever the values that it needs can be found: for runs whose
 * assumptions are known to hold but cannot be seen from the trace, and for seeing where a bound breaks.
 */
export const onTrust = (trusted: Theorem): Theorem => ({
  ...trusted,
  check: (run) => {
    const row = trusted.check(run)
    const assumptions = row.assumptions.map((assumption) => ({ ...assumption, status: 'given' as const }))
    const [verdict, reasons] = verdictOf(row.kind, assumptions, row.comparisons)
    return { ...row, assumptions, verdict, reasons }
  },
})
