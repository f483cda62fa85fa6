// `npm run bench -- [--quick] [--json FILE] [--markdown FILE] [--html FILE] [--python PATH] [--only TEXT]
// [--budget MILLISECONDS for each workload] [--profile] [--peers]`: Secant beside what is present, in one run. `--profile`
// tells instead where the time of Secant goes; `--peers` installs the npm packages it is compared with into bench/peers,
// and ends.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startPeers } from './contenders/peers.mjs'
import { startPython } from './contenders/python.mjs'
import { secant, secantDonated, secantEager, secantOnce } from './contenders/secant.mjs'
import { secantKernels, secantRelaxed } from './contenders/secant-kernels.mjs'
import { measure } from './driver.mjs'
import { page } from './page.mjs'
import { profiled } from './profile.mjs'
import { markdown } from './report.mjs'
import { workloads } from './workloads/index.mjs'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'string' },
    html: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string', default: '' },
    budget: { type: 'string' },
    profile: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
  },
})

if (options.peers) {
  const cwd = fileURLToPath(new URL('peers', import.meta.url))
  // Through a shell, as npm is a script on some systems; nothing here comes from outside.
  const { status } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', { cwd, stdio: 'inherit', shell: true })
  process.exit(status ?? 1)
}

const chosen = workloads({ quick: options.quick }).filter(({ name }) => name.includes(options.only))
const budget = Number(options.budget ?? (options.quick ? 200 : 4000))

if (options.profile) {
  for (const workload of chosen) console.log(await profiled(workload, secant, Math.max(1000, budget)))
  process.exit(0)
}

const { contenders: peers, absent } = await startPeers()
const python = await startPython(options.python)
absent.push(...python.absent)
const contenders = [
  secant,
  secantOnce,
  secantDonated,
  secantEager,
  secantKernels,
  secantRelaxed,
  ...python.contenders,
  ...peers,
]

const about = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cpu: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`,
  // How many programs wanted the processor in the minute before; 0 on Windows, which does not say.
  load: Number(loadavg()[0].toFixed(2)),
  contenders: contenders.map(({ name, note }) => ({ name, note })),
  absent,
}

const results = []
const save = () => {
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...about, results }, null, 2)}\n`)
  if (options.markdown) writeFileSync(options.markdown, markdown({ about, results }))
}

const began = performance.now()
const seconds = () => (performance.now() - began) / 1000

/** What is known while it goes on: how far it is, and how long the rest takes at the pace so far. */
const progress = () => {
  const left = (seconds() / results.length) * (chosen.length - results.length)
  const { name, dtype } = results.at(-1).workload
  process.stderr.write(
    `${results.length} of ${chosen.length}: ${name}, ${dtype}; ${seconds().toFixed(0)} s so far, about ${left.toFixed(0)} s left\n`,
  )
}

try {
  for (const workload of chosen) {
    results.push(await measure(workload, contenders, budget))
    // A run that is interrupted keeps what it has.
    save()
    progress()
  }
} finally {
  for (const { stop } of contenders) stop()
}

if (options.html) writeFileSync(options.html, await page({ about, results }))
const { user, system } = process.cpuUsage()
console.log(markdown({ about, results }))
console.log(
  `${seconds().toFixed(0)} seconds, of which ${((user + system) / 1e6).toFixed(0)} of processor time in this process`,
)
