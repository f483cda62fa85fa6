// Tables of what was measured.
import { floors, peers } from './floors.mjs'
import { growthOf } from './growth.mjs'

const digits = (x) =>
  x === undefined || Number.isNaN(x) ? '' : x >= 100 ? x.toFixed(0) : Number(x.toPrecision(3)).toString()
const row = (...cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [
  row(...head),
  row(...head.map(() => '---')).replaceAll(' ', ''),
  ...rows.map((cells) => row(...cells)),
]

const isOurs = ({ by }) => by.startsWith('Secant')

/** The fastest of ours, kernels with FMA aside unless asked for. */
const ours = ({ rows }, withFma = false) =>
  rows.filter((entry) => isOurs(entry) && (withFma || !entry.by.includes('FMA'))).toSorted((a, b) => a.best - b.best)[0]

const theirs = ({ rows }, name) => rows.find(({ by }) => by === name)

const verdict = (value, floor, stretch, largerIsBetter) => {
  const reaches = (goal) => (largerIsBetter ? value >= goal : value <= goal)
  return reaches(stretch) ? 'stretch met' : reaches(floor) ? 'floor met' : '**missed**'
}

/** Each promise beside what was measured. */
export const judged = (results) => {
  const rows = floors.flatMap(({ work, of, than, measure, floor, stretch }) => {
    const result = results.find(({ workload }) => of(workload))
    if (result === undefined) return []
    const own = ours(result)
    const other = than === undefined ? undefined : theirs(result, than)
    if (own === undefined || (than !== undefined && other === undefined))
      return [{ work, than, measure, floor, stretch, value: undefined, by: own?.by, verdict: `${than} absent` }]
    const value = {
      speed: () => other.best / own.best,
      time: () => own.best / other.best,
      nanoseconds: () => (1e6 * own.best) / result.workload.n,
      milliseconds: () => own.best,
    }[measure]()
    return [
      {
        work,
        than,
        measure,
        floor,
        stretch,
        value,
        by: own.by,
        verdict: verdict(value, floor, stretch, measure === 'speed'),
      },
    ]
  })
  const named = new Set(
    floors.flatMap(({ of, than }) =>
      results.filter(({ workload }) => of(workload)).map((r) => `${r.workload.name}, ${r.workload.dtype}|${than}`),
    ),
  )
  const others = results.flatMap((result) =>
    peers.names.flatMap((than) => {
      const [own, other] = [ours(result), theirs(result, than)]
      const work = `${result.workload.name}, ${result.workload.dtype}`
      if (own === undefined || other === undefined || named.has(`${work}|${than}`)) return []
      const value = own.best / other.best
      return [
        {
          work,
          than,
          measure: 'time',
          ...peers,
          value,
          by: own.by,
          verdict: verdict(value, peers.floor, peers.stretch, false),
        },
      ]
    }),
  )
  return [...rows, ...others]
}

const machine = ({ node, cpu, load, date, contenders, absent }) => [
  `${date}, Node ${node}, ${cpu}, load ${load} at the beginning. Contenders:`,
  '',
  ...contenders.map(({ name, note }) => `- ${name}${note ? `: ${note}` : ''}`),
  ...absent.map(({ name, reason }) => `- ${name}: not measured, ${reason}`),
]

/** Best times, a column for each contender; ✗ where one was left out. */
const bests = (results) => {
  const names = [
    ...new Set(results.flatMap(({ rows, left }) => [...rows.map(({ by }) => by), ...left.map(({ name }) => name)])),
  ]
  const cell = ({ rows, left }, name) =>
    left.some((other) => other.name === name) ? '✗' : digits(theirs({ rows }, name)?.best)
  return table(
    ['work', 'dtype', ...names],
    results.map((result) => [result.workload.name, result.workload.dtype, ...names.map((name) => cell(result, name))]),
  )
}

const hasBytes = ({ bytes }) => bytes !== undefined
const kilobytes = (bytes) => (bytes === undefined ? '' : digits(bytes / 1000))

/** Everything as Markdown. */
export const markdown = ({ about, results }) => {
  const measured = results.flatMap(({ workload, rows, left }) => {
    const base = ours({ rows })
    return [
      ...rows.map(({ by, median, best, rounds }) => [
        workload.name,
        workload.dtype,
        by,
        digits(median),
        digits(best),
        rounds,
        base ? digits(best / base.best) : '',
      ]),
      ...left.map(({ name, reason }) => [workload.name, workload.dtype, name, '', '', '', `left out: ${reason}`]),
    ]
  })
  const growth = growthOf(results).map(({ work, by, slope, flops, differs }) => [
    work,
    by,
    slope.toFixed(2),
    flops?.toFixed(2) ?? '',
    differs ?? '',
  ])
  const columns = [...new Set(results.flatMap(({ rows }) => rows.filter(hasBytes).map(({ by }) => by)))]
  const memory = results.flatMap(({ workload: { name, dtype }, rows }) =>
    rows.some(hasBytes)
      ? [[name, dtype, ...columns.map((by) => kilobytes(rows.find((entry) => entry.by === by)?.bytes))]]
      : [],
  )
  const floorRows = judged(results).map(({ work, than, measure, floor, stretch, value, by, verdict: told }) => [
    work,
    than === undefined ? '' : `${measure === 'speed' ? 'speed' : 'time'} relative to ${than}`,
    digits(floor),
    digits(stretch),
    digits(value),
    by ?? '',
    told,
  ])
  return [
    ...machine(about),
    '',
    'Best milliseconds a call.',
    '',
    ...bests(results),
    '',
    'Milliseconds a call; contenders took turns. "relative" is the best time divided by the best of ours.',
    '',
    ...table(['work', 'dtype', 'by', 'median', 'best', 'rounds', 'relative'], measured),
    '',
    'Promises, by best times; of ours the fastest form, named in the table (without FMA).',
    '',
    ...table(['work', 'measure', 'floor', 'stretch', 'measured', 'by', ''], floorRows),
    ...(memory.length === 0
      ? []
      : [
          '',
          'Kilobytes allocated by a call beyond its result (JavaScript heap and array buffers; median of five calls).',
          '',
          ...table(['work', 'dtype', ...columns], memory),
        ]),
    ...(growth.length === 0
      ? []
      : [
          '',
          'Growth: the slope of log time over log n, beside that of the number of operations; a remark where they are more than 0.3 apart.',
          '',
          ...table(['work', 'by', 'time', 'operations', ''], growth),
        ]),
    '',
  ].join('\n')
}
