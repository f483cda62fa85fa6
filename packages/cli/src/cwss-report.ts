/** The page of the experiment with learned coordinate-wise steps. */
import { type Entry, type Findings, gainOf, judged, type Learned, type Row } from '@secant/experiments'
import {
  ablationsGrid,
  dimensionsGrid,
  methodsGrid,
  networksGrid,
  seedsGrid,
  targetsGrid,
  titleOf,
  transferGrid,
} from './cwss-grids.ts'
import { gapSpecs, lessonsSpec, type Observed, stepsOverTime, theoryOverTime } from './cwss-plots.ts'
import { gridHtml } from './grid.ts'
import { escapeHtml, note, paragraph, plots, renderPage } from './page.ts'
import { drawSvg } from './plots.ts'

const heading = (text: string): string => `<h2>${escapeHtml(text)}</h2>`

const fineIterations = (entries: readonly Entry[], method: string): string =>
  entries
    .find((entry) => entry.method === method)
    ?.summary.reached.at(-1)
    ?.iterations.toFixed(1) ?? '–'

/** What the numbers say, in plain words. */
const reading = ({ tables: { methods, dimensions } }: Findings): readonly string[] => {
  const on = (name: string): readonly Entry[] => methods.filter((entry) => entry.on === name)
  const quadratic = on('least-squares')
  const verdicts = judged(methods)
  const missed = verdicts.filter(({ isMet }) => !isMet).map(({ target }) => target.title)
  const whole = [...methods, ...dimensions].filter(
    ({ trained, summary }) => trained !== null && summary.reached.at(-1)?.runs === summary.runs,
  )
  const among = (entry: Entry): readonly Entry[] => (methods.includes(entry) ? methods : dimensions)
  const best = whole
    .map((entry) => ({ entry, gain: gainOf(entry, among(entry)) ?? 0 }))
    .sort((a, b) => b.gain - a.gain)[0]
  const ceiling = [...methods, ...dimensions]
    .filter(({ method }) => method === 'best-steps')
    .map((entry) => ({ entry, gain: gainOf(entry, among(entry)) ?? 0 }))
    .sort((a, b) => b.gain - a.gain)[0]
  return [
    verdicts.length === 0
      ? ''
      : missed.length === 0
        ? 'All targets are met.'
        : `Missed: ${missed.join(', ')}. docs/cwss.md tells what was tried.`,
    quadratic.length === 0
      ? ''
      : `The learned steps reach the iteration count of a tight line search at one evaluation an iteration: on ${titleOf('least-squares')} they take ${fineIterations(quadratic, 'lstm')} iterations to 1e-8, a strong Wolfe search with c₂ = 0.1 takes ${fineIterations(quadratic, 'wolfe-0.1')}, an exact search ${fineIterations(quadratic, 'exact')}, and backtracking ${fineIterations(quadratic, 'backtracking')}.`,
    quadratic.length === 0
      ? ''
      : `They do not beat a good diagonal at the start: BFGS from diag(Hessian)⁻¹ with unit steps takes ${fineIterations(quadratic, 'diagonal-h0')}. Where the curvatures of single variables are known, use those instead.`,
    best === undefined
      ? ''
      : `The paper tells of up to 4 times fewer iterations; neither its dimensions nor its generators are public. The most seen here is ${best.gain.toFixed(2)} times, on ${titleOf(best.entry.on)} with n = ${best.entry.n}${ceiling === undefined ? '' : `; the best p in [0, 2] for each single step, which needs the Hessian, comes to ${ceiling.gain.toFixed(2)} times on ${titleOf(ceiling.entry.on)} with n = ${ceiling.entry.n}`}. The ratio grows with the spread of the curvatures.`,
    'A policy costs more than the objective of these small problems: compare the milliseconds of the method with those of f. What is saved are evaluations and iterations; seconds are saved where f is expensive.',
  ].filter((text) => text !== '')
}

const familySection = async (rows: readonly Row[], observed: Observed | undefined): Promise<string> => {
  const name = rows[0]?.on ?? ''
  const seen = observed === undefined ? [] : [stepsOverTime(observed.seen), theoryOverTime(observed.seen)]
  return [
    heading(titleOf(name)),
    gridHtml(methodsGrid(rows)),
    plots(await Promise.all([...gapSpecs(rows), ...seen].map(drawSvg))),
  ].join('\n')
}

const lessonPlots = async (lessons: readonly Learned[]): Promise<string> => {
  const of = (keep: (lesson: string) => boolean): readonly Learned[] => lessons.filter(({ lesson }) => keep(lesson))
  const firsts = of((lesson) => lesson.endsWith('-lstm-1'))
  const exchanged = of((lesson) => lesson.startsWith('least-squares-') && !/-lstm-[2-9]/.test(lesson)).filter(
    ({ lesson }) => !lesson.startsWith('least-squares-30'),
  )
  const specs = [lessonsSpec('the LSTM, seed 1', firsts), lessonsSpec('exchanged parts, least squares', exchanged)]
  return plots(await Promise.all(specs.map(drawSvg)))
}

const factsOf = ({ about }: Findings): readonly string[] =>
  Object.entries(about)
    .filter(([name]) => name !== 'lessons')
    .map(([name, value]) => `${name} ${value}`)

/** The page, self-contained and without scripts. `long` is what the long run has found; its tables stand beside. */
export const renderCwssReport = async (
  now: Findings,
  long: Findings | undefined,
  rows: readonly Row[],
  observed: readonly Observed[],
): Promise<string> => {
  const families = [...new Set(rows.map(({ on }) => on))]
  const sections: string[] = []
  for (const name of families)
    sections.push(
      await familySection(
        rows.filter(({ on }) => on === name),
        observed.find(({ on }) => on === name),
      ),
    )
  const fromLong = (title: string): string => (now === long ? title : `${title}, from the long run`)
  const longSections =
    long === undefined
      ? []
      : [
          heading(fromLong('Seeds')),
          note('Times fewer iterations to 1e-8 than BFGS with backtracking needs, for each training.'),
          gridHtml(seedsGrid(long.tables.seeds)),
          heading(fromLong('Ablations on least squares, C = 10')),
          gridHtml(ablationsGrid(long.tables.ablations)),
          ...(long.networks.length === 0
            ? []
            : [
                heading(fromLong('The tiny CNN on 200 digits: loss after so much work')),
                gridHtml(networksGrid(long.networks)),
              ]),
          heading(fromLong('Losses of training')),
          await lessonPlots(long.lessons),
          note(factsOf(long).join(' · ')),
        ]
  return renderPage(
    { title: 'Secant: CWSS', heading: 'CWSS: BFGS with learned coordinate-wise steps', facts: factsOf(now) },
    [
      paragraph(
        'A network of 5,801 parameters looks at each variable, its gradient and its entry of the BFGS direction d, and scales that entry: x₊ = x + p ⊙ d, 0.05 ≤ pᵢ ≤ 2 (Lin, Song and Xu, arXiv:2412.00059). It is trained on one family of random problems and tested on others of that family that it has not seen.',
      ),
      heading('Targets'),
      gridHtml(targetsGrid(now.tables.methods, long)),
      heading('Reading'),
      ...reading(now).map(paragraph),
      note(
        'Means over the test problems. Tolerances are relative to the first gap. A run that does not arrive counts as if it had gone on to its limit of iterations. Gains are against BFGS with backtracking. Guarded: p is shrunk toward its mean where descent is lost, steps are halved until f decreases enough, and BFGS with a strong Wolfe search stands in where none does.',
      ),
      ...sections,
      heading('Transfer'),
      note(
        'Times fewer iterations to 1e-8 than backtracking, for guarded policies on families they may not know; below 1 is worse.',
      ),
      gridHtml(transferGrid(now.tables.transfer)),
      heading('Dimensions'),
      note('Iterations to 1e-8; the policies were trained at n = 30.'),
      gridHtml(dimensionsGrid(now.tables.dimensions)),
      ...longSections,
    ],
  )
}
