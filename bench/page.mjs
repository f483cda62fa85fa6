// The report as one page: the tables of the Markdown, and time over n of each family on logarithmic axes.
import { marked } from 'marked'
import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import { familiesOf, seriesOf } from './growth.mjs'
import { markdown } from './report.mjs'

/** Where our time would be at each size if it grew as the number of operations does. */
const operations = ([first]) => {
  const [start] = first.points
  return start.flops > 0
    ? first.points.map(({ n, flops }) => ({ n, milliseconds: (start.best * flops) / start.flops }))
    : []
}

/** One family as a specification. */
export const growthSpec = ({ work, members }) => {
  const series = seriesOf(members)
  const names = series.map(({ by }) => by)
  const axis = { type: 'quantitative', scale: { type: 'log', nice: false } }
  const encoding = {
    x: { field: 'n', ...axis, title: 'n', axis: { grid: false, values: members.map(({ workload }) => workload.n) } },
    y: {
      field: 'milliseconds',
      ...axis,
      title: 'milliseconds',
      axis: { tickCount: 6, format: '~g', gridOpacity: 0.4 },
    },
  }
  const times = series.flatMap(({ by, points }) => points.map(({ n, best }) => ({ n, milliseconds: best, by })))
  return {
    width: 300,
    height: 260,
    background: 'white',
    title: { text: `${work}; dashed: as the number of operations`, fontWeight: 'normal' },
    layer: [
      {
        data: { values: operations(series) },
        mark: { type: 'line', strokeDash: [5, 4], color: '#777' },
        encoding,
      },
      {
        data: { values: times },
        mark: { type: 'line', point: true },
        encoding: {
          ...encoding,
          color: {
            field: 'by',
            type: 'nominal',
            title: null,
            legend: { orient: 'bottom', columns: 3 },
            scale: { domain: names, scheme: 'tableau20' },
          },
        },
      },
    ],
  }
}

const draw = (spec) => new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()

const style = `
  body { font: 14px/1.5 system-ui, sans-serif; color: #222; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
  th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #e3e3e3; }
  section { display: grid; grid-template-columns: 1fr 1fr; } figure { margin: .5rem; } svg { max-width: 100%; height: auto; }`

/** A page without scripts. */
export const page = async (measured) => {
  const plots = await Promise.all(
    familiesOf(measured.results)
      .filter(hasSeries)
      .map((family) => draw(growthSpec(family))),
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Secant: benchmarks</title><style>${style}</style></head>
<body><h1>Benchmarks</h1>
<section>${plots.map((svg) => `<figure>${svg}</figure>`).join('\n')}</section>
${marked.parse(markdown(measured))}</body></html>
`
}

const hasSeries = ({ members }) => seriesOf(members).length > 0
