// Bytes that a call of a compiled function leaves behind beside its results; `memory.mjs` starts it with a nursery that is
// large enough for no collection to come between.
import { add, exp, grad, matmul, mul, recordValues, scan, sin, sum, tanh } from '@secant/autodiff'
import { compileProgram, jit } from '@secant/compile'
import { scalar } from '@secant/linalg'

const filled = (shape) => {
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1))
  return { dtype: 'float64', shape, data }
}

/** Functions and arguments. */
const cases = [
  ['scalar → scalar', (x) => mul(x, sin(x)), [scalar(0.3)]],
  ['[100] → scalar', (x) => sum(mul(x, exp(x))), [filled([100])]],
  ['[100] → [100]', (x) => tanh(add(x, 1)), [filled([100])]],
  ['[100] → [100], a gradient', grad((x) => sum(mul(x, exp(x)))), [filled([100])]],
  ['[5], [5] → [5], [5], []', (x, y) => [add(x, y), mul(x, y), sum(x)], [filled([5]), filled([5])]],
  ['[100] → [100], [100], []', (x) => [sin(x), exp(x), sum(x)], [filled([100])]],
  ['[40, 40] → [40, 40]', (x) => matmul(x, add(x, 1)), [filled([40, 40])]],
  [
    '[40, 40] → [40, 40], a loop',
    (x) => scan((c) => [tanh(matmul(c, x)), null], { length: 3 })(x, null)[0],
    [filled([40, 40])],
  ],
  ['number, [5] → [5]', (a, x) => mul(a, x), [0.5, filled([5])]],
  [
    '{ a: [5], b: [[5], 2] } → the same',
    ({ a, b: [c, k] }) => ({ a: mul(k, a), b: [sin(c), k] }),
    [{ a: filled([5]), b: [filled([5]), 2] }],
  ],
]

/** The text of code that makes such a tree; what was given is not made. */
const textOf = (tree, given) => {
  if (tree === null || typeof tree !== 'object' || given.includes(tree)) return 'null'
  if (tree.dtype) return `{ dtype: '${tree.dtype}', shape, data: new Float64Array(${tree.data.length}) }`
  if (Array.isArray(tree)) return `[${tree.map((item) => textOf(item, given)).join(', ')}]`
  return `{ ${Object.entries(tree).map(([key, item]) => `${key}: ${textOf(item, given)}`)} }`
}

const used = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })
/** What was collected is given back on another thread, and told in another turn. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

let kept
/** Bytes per call; the first calls make machine code and are not counted. Fewer calls where a collection came between. */
const bytesOf = async (call, calls = 20_000) => {
  for (let i = 0; i < 3000; i++) kept = call()
  for (let count = calls; count > 20; count = Math.floor(count / 2)) {
    gc()
    await settled()
    const [before, earlier] = [used(), collections]
    for (let i = 0; i < count; i++) kept = call()
    const bytes = (used() - before) / count
    await settled()
    if (collections === earlier) return bytes
  }
  return Number.NaN
}

const text = (bytes) => bytes.toFixed(0).padStart(9)
console.log(`${'bytes per call'.padEnd(44)}  results alone   beside them: program, jit`)
for (const target of ['javascript', 'webassembly']) {
  console.log(target)
  for (const [name, f, args] of cases) {
    const compiled = jit(f, { target })
    const make = new Function('shape', `return () => (${textOf(compiled(...args), args)})`)([])
    const alone = await bytesOf(make)
    const whole = await bytesOf(() => compiled(...args))
    let program = Number.NaN
    if (args.every((arg) => arg.dtype)) {
      const { program: recorded } = recordValues((xs) => [f(...xs)].flat(), args)
      const { run } = compileProgram(recorded, { target })
      program = (await bytesOf(() => run(args))) - alone
    }
    console.log(`  ${name.padEnd(44)}${text(alone)}${text(program)}${text(whole - alone)}`)
  }
}
if (kept === undefined) console.log('nothing ran')
