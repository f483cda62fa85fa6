/** The page of `npm run bench:gpu`: all of its user interface. */
import { defaultSizes, measureAll } from './measurements.ts'

const style = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent); --bar: #4a7dbd; }
  body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 64rem; padding: 0 1.5rem; }
  h1 { font-size: 1.7rem; line-height: 1.2; margin-bottom: .5rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .4rem; }
  p { max-width: 44rem; } .quiet { opacity: .7; font-size: .9rem; }
  button { font: inherit; padding: .5rem 1.1rem; border-radius: .5rem; border: 1px solid var(--line); cursor: pointer; background: none; color: inherit; }
  button.main { background: var(--bar); border-color: var(--bar); color: #fff; } button:disabled { opacity: .4; cursor: default; }
  label { margin-right: 1.2rem; white-space: nowrap; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem; }
  th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
  th:first-child, td:first-child { text-align: left; white-space: nowrap; }
  td small { display: block; opacity: .65; } td.faster { color: #2e8b57; font-weight: 600; }
  .row { display: flex; gap: .8rem; flex-wrap: wrap; align-items: center; margin: 1rem 0; }
`

const element = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties)
  node.append(...children)
  return node
}

const modes = ['webgpu', 'webgl2', 'webgl', 'webasm']
const precisions = ['float32', 'double-single']

const boxes = [...modes, ...precisions].map((name) => {
  const box = element('input', { type: 'checkbox', name, checked: !['webgl', 'webasm'].includes(name) })
  return element('label', {}, box, ` ${name}`)
})
const chosen = (name) => boxes.some((label) => label.firstChild.name === name && label.firstChild.checked)

const start = element('button', { className: 'main', textContent: 'Measure' })
const save = element('button', { textContent: 'Save as JSON', disabled: true })
const copy = element('button', { textContent: 'Copy JSON', disabled: true })
const status = element('p', { className: 'quiet' })
const tables = element('div')

document.head.append(element('style', { textContent: style }))
document.body.append(
  element('h1', { textContent: 'What does this machine’s GPU bring?' }),
  element('p', {
    textContent:
      'This page runs matrix products, chains of them and whole minimizations on every back end of this browser and on ' +
      'the processor, here and nowhere else, and compares times and results. It takes some minutes; leave it in front.',
  }),
  element('p', {
    className: 'quiet',
    textContent:
      'The project has measured no hardware GPU yet. The file that you can save below holds what you see here, the names ' +
      'of your renderer and browser, and nothing else.',
  }),
  element('div', { className: 'row' }, ...boxes),
  element('div', { className: 'row' }, start, save, copy),
  status,
  tables,
)

const measurements = []

const milliseconds = (seconds) => `${(1000 * seconds).toPrecision(3)} ms`

/** What stands in a cell: the time, how it compares with the processor, and how far the result is off. */
const cell = (found, processor) => {
  if (found === undefined) return element('td', { textContent: '' })
  if (found.seconds === undefined) return element('td', { title: found.why, textContent: '–' })
  const ratio = processor?.seconds === undefined ? undefined : processor.seconds / found.seconds
  const node = element('td', { textContent: milliseconds(found.seconds) })
  if (ratio !== undefined && found !== processor) {
    const far = found.difference === undefined ? '' : `, off by ${found.difference.toExponential(0)}`
    node.append(element('small', { textContent: `${ratio.toPrecision(2)} × the processor’s speed${far}` }))
    if (ratio > 1) node.className = 'faster'
  }
  return node
}

const draw = () => {
  const devices = [...new Set(measurements.map(({ device }) => device))]
  const tasks = [...new Set(measurements.filter(({ task }) => task !== 'open').map(({ task }) => task))]
  const of = (task, size, device) => measurements.find((m) => m.task === task && m.size === size && m.device === device)
  const renderers = devices.map((device) => {
    const { renderer, why } = measurements.find((m) => m.device === device)
    return element('li', { textContent: `${device}: ${renderer}${renderer === '–' ? ` ${why}` : ''}` })
  })
  tables.replaceChildren(
    element('ul', { className: 'quiet' }, ...renderers),
    ...tasks.map((task) => {
      const sizes = [...new Set(measurements.filter((m) => m.task === task).map(({ size }) => size))]
      const head = element('tr', {}, ...['n', ...devices].map((text) => element('th', { textContent: text })))
      const rows = sizes.map((size) =>
        element(
          'tr',
          {},
          element('td', { textContent: size }),
          ...devices.map((device) => cell(of(task, size, device), of(task, size, devices[0]))),
        ),
      )
      return element('section', {}, element('h2', { textContent: task }), element('table', {}, head, ...rows))
    }),
  )
}

const report = () =>
  JSON.stringify(
    {
      version: 1,
      date: new Date().toISOString(),
      browser: navigator.userAgent,
      processors: navigator.hardwareConcurrency,
      measurements,
    },
    null,
    2,
  )

start.onclick = async () => {
  start.disabled = true
  measurements.length = 0
  const asked = modes
    .filter(chosen)
    .flatMap((mode) => precisions.filter(chosen).map((precision) => ({ mode, precision })))
  try {
    await measureAll(defaultSizes, asked, async (measurement) => {
      measurements.push(measurement)
      status.textContent = `${measurement.device}: ${measurement.task}, n = ${measurement.size}`
      draw()
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    status.textContent = 'Done.'
  } catch (error) {
    status.textContent = `It broke off: ${error.message}`
  }
  for (const button of [start, save, copy]) button.disabled = false
}

save.onclick = () => {
  const url = URL.createObjectURL(new Blob([report()], { type: 'application/json' }))
  element('a', { href: url, download: 'secant-gpu.json' }).click()
  URL.revokeObjectURL(url)
}

copy.onclick = () => navigator.clipboard.writeText(report())

// A measurement that nobody has to click for.
if (location.hash === '#start') start.click()
