// `npm run programs -- [--count 2000] [--seed N] [--dtype float64|float32] [--order TEXT]`: so many random programs of each
// order of derivatives, each run by the evaluator, as JavaScript and in WebAssembly; ends at the first that differs.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '20260401' },
    dtype: { type: 'string', default: 'float' },
    order: { type: 'string', default: '' },
  },
})

const config = { root, configFile: false, logLevel: 'error' }
const { module: sources } = await runnerImport(join(root, 'test', 'sources.ts'), config)
const { module: long } = await runnerImport(join(root, 'packages', 'compile', 'test', 'long-programs.ts'), {
  ...config,
  resolve: { alias: sources.sourceAliases },
})
const { lowered, manyPrograms, orders } = long.many

// In parts, between which the collector finds programs that were dropped: 4096 at a time are WebAssembly.
const most = 200

/** So many programs of a kind, added up. */
const many = async (order, dtype, count, seed) => {
  const total = { programs: 0, steps: 0, inWasm: 0, compared: {}, operations: new Map() }
  const add = (map, name, n) => map.set(name, (map.get(name) ?? 0) + n)
  for (let part = 0; part * most < count; part++) {
    const found = manyPrograms(order, dtype, { numRuns: Math.min(most, count - part * most), seed: seed + 10 * part })
    for (const name of ['programs', 'steps', 'inWasm']) total[name] += found[name]
    for (const [how, n] of Object.entries(found.compared)) total.compared[how] = (total.compared[how] ?? 0) + n
    for (const [operation, n] of found.operations) add(total.operations, operation, n)
    await new Promise((resolve) => setTimeout(resolve))
  }
  return total
}

const reached = new Map()
console.log(`${options.count} programs of each kind, seed ${options.seed}`)
for (const dtype of ['float64', 'float32'].filter((name) => name.startsWith(options.dtype)))
  for (const [name, order] of Object.entries(orders).filter(([each]) => each.includes(options.order))) {
    const began = performance.now()
    const seed = Number(options.seed) + (dtype === 'float32' ? 1 : 0)
    const { programs, steps, inWasm, compared, operations } = await many(order, dtype, Number(options.count), seed)
    for (const [operation, count] of operations) reached.set(operation, (reached.get(operation) ?? 0) + count)
    const how = Object.entries(compared).map(([what, count]) => `${count} ${what}`)
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    console.log(
      `${dtype}, ${name}: ${programs} agree, ${(steps / programs).toFixed(0)} steps each, ${inWasm} in WebAssembly (compared: ${how.join(', ')}), ${seconds} s`,
    )
  }
const list = (names) => names.map((name) => `${name} ${reached.get(name) ?? 0}`).join(', ')
console.log(`\noperations with a lowering, and in how many programs:\n${list(lowered)}`)
console.log(
  `\nothers, called as they are, and loops:\n${list([...reached.keys()].filter((name) => !lowered.includes(name)))}`,
)
const missing = lowered.filter((name) => !reached.has(name))
console.log(`\nnot reached: ${missing.join(', ') || 'none'}`)
process.exitCode = missing.length > 0 && options.dtype === 'float' && options.order === '' ? 1 : 0
