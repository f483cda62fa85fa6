/** What the numbers of the experiment say, in plain words. */
import { type Entry, type Findings, gainOf, judged, leastSquares } from '@secant/experiments'
import { titleOf } from './cwss-grids.ts'

interface Gained {
  readonly entry: Entry
  readonly gain: number
}

/** The entry of the largest gain, of those that `keep` keeps and that arrived on all problems. */
const mostGained = ({ tables }: Findings, keep: (entry: Entry) => boolean): Gained | undefined =>
  [tables.methods, tables.dimensions]
    .flatMap((entries) => entries.filter(keep).map((entry) => ({ entry, gain: gainOf(entry, entries) ?? 0 })))
    .filter(({ entry: { summary } }) => summary.reached.at(-1)?.runs === summary.runs)
    .sort((a, b) => b.gain - a.gain)[0]

const shown = ({ entry, gain }: Gained): string =>
  `${gain.toFixed(2)} times, on ${titleOf(entry.on)} with n = ${entry.n}`

const aboutTargets = ({ tables }: Findings): readonly string[] => {
  const verdicts = judged(tables.methods)
  const missed = verdicts.filter(({ isMet }) => !isMet).map(({ target }) => target.title)
  if (verdicts.length === 0) return []
  if (missed.length > 0) return [`Missed: ${missed.join(', ')}. docs/cwss.md tells what was tried.`]
  return [verdicts.length === 4 ? 'All four targets are met.' : 'The targets of these families are met.']
}

const aboutSearches = ({ tables }: Findings): readonly string[] => {
  const entries = tables.methods.filter(({ on }) => on === leastSquares.name)
  const iterations = (method: string): string =>
    entries
      .find((entry) => entry.method === method)
      ?.summary.reached.at(-1)
      ?.iterations.toFixed(1) ?? '–'
  if (entries.length === 0) return []
  return [
    [
      'The learned steps reach the iteration count of a tight line search at one evaluation an iteration:',
      `on ${leastSquares.title} they take ${iterations('lstm')} iterations to 1e-8,`,
      `a strong Wolfe search with c₂ = 0.1 takes ${iterations('wolfe-0.1')}, an exact search ${iterations('exact')},`,
      `and backtracking ${iterations('backtracking')}.`,
    ].join(' '),
    [
      'They do not beat a good diagonal at the start:',
      `BFGS from diag(Hessian)⁻¹ with unit steps takes ${iterations('diagonal-h0')}.`,
      'Where the curvatures of single variables are known, use those instead.',
    ].join(' '),
  ]
}

const aboutThePaper = (findings: Findings): readonly string[] => {
  const best = mostGained(findings, ({ trained }) => trained !== null)
  const ceiling = mostGained(findings, ({ method }) => method === 'best-steps')
  if (best === undefined) return []
  return [
    [
      'The paper tells of up to 4 times fewer iterations; neither its dimensions nor its generators are public.',
      `The most seen here is ${shown(best)}.`,
      ...(ceiling === undefined
        ? []
        : [`The best p in [0, 2] for each single step, which needs the Hessian, comes to ${shown(ceiling)}.`]),
      'The ratio grows with the spread of the curvatures.',
    ].join(' '),
  ]
}

const aboutCost =
  'A policy costs more than the objective of these small problems: compare the milliseconds of the method with those of f. What is saved are evaluations and iterations; seconds are saved where f is expensive.'

/** A few paragraphs. */
export const readingOf = (findings: Findings): readonly string[] => [
  ...aboutTargets(findings),
  ...aboutSearches(findings),
  ...aboutThePaper(findings),
  aboutCost,
]
