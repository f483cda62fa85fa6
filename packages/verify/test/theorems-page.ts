/** `docs/theorems.md`, from the theorems themselves and from how they do on the reference runs. */
import { type Comparison, slackFactor, type Theorem, theoremsBySubject, viewOf } from '../src/index.ts'
import { references } from './reference-runs.ts'

interface Tightest {
  readonly run: string
  readonly comparison: Comparison
}

const views = [...references].map(([run, make]) => {
  const { trace, known } = make()
  return { run, view: viewOf(trace, known) }
})

/** Where a theorem has the least slack. */
const tightestOf = (theorem: Theorem): Tightest | undefined => {
  const found = views.flatMap(({ run, view }) => {
    const { verdict, tightest } = theorem.check(view)
    const passes = verdict === 'holds' || verdict === 'supported'
    return passes && tightest !== undefined ? [{ run, comparison: tightest }] : []
  })
  // Equalities differ by rounding only: the first of them stands for all.
  const size = ({ comparison: { slack } }: Tightest): number => Math.max(slack, 1e-6)
  return found.sort((a, b) => size(a) - size(b))[0]
}

const short = (value: number): string => String(Number(value.toPrecision(2)))

const slackText = ({ run, comparison }: Tightest): string => {
  const { slack, measured, bound, relation, tolerance } = comparison
  if (relation === '=' && tolerance > 1e-3) return `equality within its tolerance, on: ${run}`
  if (relation === '=' || Math.abs(slack) < 1e-6) return `equality, on: ${run}`
  const isRatio = measured * bound > 0
  const factor = slackFactor(comparison)
  const loose = isRatio ? ` (a factor of ${factor < 1e6 ? short(factor) : 'more than a million'})` : ''
  return `${short(slack)}${loose}, on: ${run}`
}

const kinds: Readonly<Record<Theorem['kind'], string>> = {
  theorem: '',
  condition: '- kind: condition\n',
  evidence: '- kind: evidence\n',
}

const entry = (theorem: Theorem): string => {
  const tightest = tightestOf(theorem)
  const assumptions = theorem.assumptions.map(({ statement }) => statement)
  return [
    `### ${theorem.name}`,
    '',
    `\`${theorem.statement}\``,
    '',
    `${kinds[theorem.kind]}- assumes: ${assumptions.length === 0 ? 'nothing' : [...new Set(assumptions)].join('; ')}`,
    `- source: ${theorem.source}`,
    `- least slack: ${tightest === undefined ? 'on no reference run' : slackText(tightest)}`,
  ].join('\n')
}

const introduction = `# Theorems

What \`@secant/verify\` can check on a run. This page is written by \`npm run theorems\`; a test holds it to the code.

A **condition** is what a method may promise of each step; without the promise a step that lacks it is only a fact. A
**theorem** follows from its assumptions, which are checked on the run too: where one fails or is unknown, the theorem does
not apply, and where a constant is only estimated, a broken bound is inconclusive. **Evidence** is a statement whose
constants are not confirmed by a proof, or on which a finite run can only speak for or against.

Slack is the distance to the bound relative to the larger of the two numbers (or to a scale that suits the statement): 0 is
equality, 1 a bound that is infinitely far off. Told is the least slack on the reference runs of
\`packages/verify/test/reference-runs.ts\`; equality is reached where the bound cannot be improved.

Notation: f is the objective, g its gradient, f* and x* the minimum and where it is; a subscript + marks the next iterate;
s = x₊ − x, y = g₊ − g; d is a direction, α a step size, p one for each coordinate; H is the inverse Hessian of a quasi-Newton method, B its
inverse; cosθ is that of the angle between s and −g; κ = L/μ.
`

export const theoremsPage = (): string =>
  [
    introduction,
    ...[...theoremsBySubject].map(([subject, theorems]) => `## ${subject}\n\n${theorems.map(entry).join('\n\n')}\n`),
  ].join('\n')
