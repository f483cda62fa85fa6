/** The page of the experiment with learned coordinate-wise steps. */
import type { Findings, Learned, Row } from '@secant/experiments'
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
import { readingOf } from './cwss-reading.ts'
import { gridHtml } from './grid.ts'
import { escapeHtml, note, paragraph, plots, renderPage } from './page.ts'
import { drawSvg } from './plots.ts'

const heading = (text: string): string => `<h2>${escapeHtml(text)}</h2>`

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
      ...readingOf(now).map(paragraph),
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
