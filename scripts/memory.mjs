// `npm run memory -- [--count 100000] [--target javascript|webassembly]`: so many small functions compiled and dropped, and what
// the process holds meanwhile; then what single calls leave behind.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { add, mul, sin, sum } from '@secant/autodiff'
import { jit } from '@secant/compile'
import { tensor } from '@secant/linalg'

const { values: options } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, target: { type: 'string', default: '' } },
})

const count = Number(options.count)
const x = tensor(Array.from({ length: 20 }, (_, i) => i / 10))
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1).padStart(12)
const columns = ['rss', 'heapTotal', 'heapUsed', 'external', 'arrayBuffers']

for (const target of ['javascript', 'webassembly'].filter((name) => name.startsWith(options.target))) {
  console.log(`${target}, ${count} functions; MiB held after a collection`)
  console.log(`${'compiled'.padEnd(10)}${'seconds'.padStart(8)}${columns.map((name) => name.padStart(12)).join('')}`)
  const began = performance.now()
  for (let k = 0; k <= count; k++) {
    if (k % Math.ceil(count / 10) === 0) {
      gc()
      const held = process.memoryUsage()
      const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(8)
      console.log(`${String(k).padEnd(10)}${seconds}${columns.map((name) => megabytes(held[name])).join('')}`)
    }
    // In another job now and then: what was dropped is told there.
    if (k % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
    jit((v) => sum(sin(add(mul(v, k), 0.5))), { target })(x)
  }
}

// A nursery that is large enough for no collection to come between two looks.
const nursery = ['--min-semi-space-size=512', '--max-semi-space-size=512']
const garbage = fileURLToPath(new URL('garbage.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, ['--expose-gc', ...nursery, garbage], { stdio: 'inherit' })
process.exitCode = status ?? 1
