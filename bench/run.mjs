// `npm run bench -- [--quick] [--json FILE] [--markdown FILE] [--python PATH] [--only TEXT]
// [--budget MILLISECONDS for each workload] [--peers]`: Secant beside what is
// present, in one run. `--peers` installs the npm packages it is compared with into bench/peers, and ends.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startPeers } from './contenders/peers.mjs'
import { startPython } from './contenders/python.mjs'
import { secant, secantEager, secantOnce } from './contenders/secant.mjs'
import { secantKernels, secantRelaxed } from './contenders/secant-kernels.mjs'
import { measure } from './driver.mjs'
import { markdown } from './report.mjs'
import { workloads } from './workloads/index.mjs'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    markdown: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string', default: '' },
    budget: { type: 'string' },
    peers: { type: 'boolean', default: false },
  },
})

if (options.peers) {
  const cwd = fileURLToPath(new URL('peers', import.meta.url))
  // Through a shell, as npm is a script on some systems; nothing here comes from outside.
  const { status } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', { cwd, stdio: 'inherit', shell: true })
  process.exit(status ?? 1)
}

const { contenders: peers, absent } = await startPeers()
const python = await startPython(options.python)
if (python.length === 0) absent.push({ name: 'NumPy', reason: `${options.python} does not start or has no NumPy` })
const contenders = [secant, secantOnce, secantEager, secantKernels, secantRelaxed, ...python, ...peers]

const about = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown processor',
  contenders: contenders.map(({ name, note }) => ({ name, note })),
  absent,
}

const results = []
const save = () => {
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...about, results }, null, 2)}\n`)
  if (options.markdown) writeFileSync(options.markdown, markdown({ about, results }))
}

const began = performance.now()
try {
  for (const workload of workloads({ quick: options.quick })) {
    if (!workload.name.includes(options.only)) continue
    results.push(await measure(workload, contenders, Number(options.budget ?? (options.quick ? 200 : 4000))))
    // A run that is interrupted keeps what it has.
    save()
    if (process.stderr.isTTY) process.stderr.write(`${workload.name}, ${workload.dtype}\n`)
  }
} finally {
  for (const { stop } of contenders) stop()
}

console.log(`${markdown({ about, results })}\n${((performance.now() - began) / 1000).toFixed(0)} seconds`)
