// The WebAssembly kernels beside plain loops, and beside NumPy on one thread where `python3` (or `--python PATH`) has it.
// `node bench/kernels.mjs [--quick] [--json]`. Contenders take turns, so that a change of the machine's speed meets all
// alike; what they computed is compared before anything is timed.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { cholesky, fromData, matmul, solve } from '@secant/linalg'
import * as wasm from '@secant/linalg/wasm'

const has = (flag) => process.argv.includes(flag)
const rounds = has('--quick') ? 9 : 31

/** Milliseconds of a block of repeats: short, so that other programs seldom come in between. */
const block = 2

// ---- NumPy in a process of its own that answers one line for one line

const script = `
import sys, time, json
import numpy as np
def filled(size, seed, dtype):
    i = np.arange(1, size + 1)
    return np.sin(12.9898 * i + 78.233 * seed).astype(dtype)
made = {}
def work(name, n, dtype):
    a, b = filled(n * n, 1, dtype).reshape(n, n), filled(n * n, 2, dtype).reshape(n, n)
    x, y = filled(n, 3, dtype), filled(n, 4, dtype)
    p = a @ a.T + n * np.eye(n, dtype=dtype)
    big, other = filled(n * n, 5, dtype), filled(n * n, 6, dtype)
    return {'matmul': lambda: a @ b, 'gemv': lambda: a @ x, 'gemvT': lambda: a.T @ x, 'dot': lambda: big @ other,
            'axpy': lambda: np.add(other, 1e-9 * big, out=other), 'cholesky': lambda: np.linalg.cholesky(p),
            'solve': lambda: np.linalg.solve(p, x), 'exp': lambda: np.exp(big), 'sin': lambda: np.sin(big),
            'log': lambda: np.log(np.abs(big) + 1), 'tanh': lambda: np.tanh(big)}[name]
print(np.__version__, flush=True)
for line in sys.stdin:
    name, n, dtype, repeats = line.split()
    key = (name, n, dtype)
    if key not in made: made = {key: work(name, int(n), dtype)}
    f = made[key]
    start = time.perf_counter()
    for _ in range(int(repeats)): f()
    print((time.perf_counter() - start) / int(repeats), flush=True)
`

const startNumpy = async () => {
  const at = process.argv.indexOf('--python')
  const python = at < 0 ? 'python3' : process.argv[at + 1]
  const single = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
  const child = spawn(python, ['-c', script], { env: { ...process.env, ...single }, stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await new Promise((resolve) => {
    child.on('error', () => resolve(undefined))
    lines.next().then(({ value }) => resolve(value))
  })
  if (first === undefined) return undefined
  return {
    version: first,
    time: async (name, n, dtype, repeats) => {
      child.stdin.write(`${name} ${n} ${dtype} ${repeats}\n`)
      return 1000 * Number((await lines.next()).value)
    },
    stop: () => child.stdin.end(),
  }
}

// ---- What is timed

const filled = (size, seed, Kind = Float64Array) =>
  Kind.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed))

const memory = wasm.createMemory(2 ** 27)
const { gemm, gemmF32, gemv, gemvT, dot, axpy, exp, sin, log, tanh } = wasm
const maps = Object.fromEntries(Object.entries({ exp, sin, log, tanh }).map(([name, f]) => [name, wasm.mapOf(f)]))
const kernels = wasm.instantiate(
  wasm.encodeModule({ gemm, gemmF32, gemv, gemvT, dot, axpy, choleskyKernel: wasm.cholesky, ...maps }),
  memory,
  wasm.hostFunctions,
).functions
const relaxed = wasm.hasRelaxedSimd()
  ? wasm.instantiate(wasm.encodeModule({ gemm: wasm.gemmRelaxed, gemmF32: wasm.gemmRelaxedF32 }), memory).functions
  : undefined

/** Copies arrays into the memory one after another; what comes last is room for work. */
const place = (...arrays) => {
  let end = 0
  const places = arrays.map((array) => {
    const at = end
    new array.constructor(memory.buffer, at, array.length).set(array)
    end += 64 * Math.ceil(array.byteLength / 64)
    return at
  })
  return [...places, end]
}

const plainMatmul = (a, b, n, out) => {
  out.fill(0)
  for (let i = 0; i < n; i++)
    for (let l = 0; l < n; l++) {
      const factor = a[i * n + l]
      for (let j = 0; j < n; j++) out[i * n + j] += factor * b[l * n + j]
    }
  return out
}

const near = (p, q, tolerance) => {
  for (let i = 0; i < p.length; i++)
    if (!(Math.abs(p[i] - q[i]) <= tolerance)) throw new Error(`bench: got ${p[i]} beside ${q[i]}; needs them equal`)
}

const products = (n, dtype) => {
  const Kind = dtype === 'float64' ? Float64Array : Float32Array
  const [a, b, c] = [filled(n * n, 1, Kind), filled(n * n, 2, Kind), new Kind(n * n)]
  const [pa, pb, pc, work] = place(a, b, c)
  const name = dtype === 'float64' ? 'gemm' : 'gemmF32'
  const run = (functions) => () => functions[name](n, n, n, 1, pa, n, 1, pb, n, 1, 0, pc, n, work)
  const [ta, tb] = [fromData(a, [n, n]), fromData(b, [n, n])]
  run(kernels)()
  const result = matmul(ta, tb).data
  near(new Kind(memory.buffer, pc, n * n), result, dtype === 'float64' ? 1e-10 : 1e-2)
  const plain = () => plainMatmul(a, b, n, c)
  // Of one kind of array only: loops that meet two are slower than they need to be.
  const isPlain = n <= 256 && dtype === 'float64'
  if (isPlain) near(plain(), result, 1e-10)
  return {
    name: 'matmul',
    n,
    dtype,
    flops: 2 * n ** 3,
    contenders: {
      kernel: run(kernels),
      ...(relaxed && { 'kernel, relaxed': run(relaxed) }),
      linalg: () => matmul(ta, tb),
      ...(isPlain && { 'plain loops': plain }),
    },
  }
}

const vectors = () => {
  const n = 1000
  const [a, x, y, big, other] = [filled(n * n, 1), filled(n, 3), filled(n, 4), filled(n * n, 5), filled(n * n, 6)]
  const [pa, px, py, pb, po] = place(a, x, y, big, other)
  const plain = {
    gemv: () => {
      for (let i = 0; i < n; i++) {
        let sum = 0
        for (let j = 0; j < n; j++) sum += a[i * n + j] * x[j]
        y[i] = sum
      }
    },
    gemvT: () => {
      y.fill(0)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) y[j] += a[i * n + j] * x[i]
    },
    dot: () => {
      let sum = 0
      for (let i = 0; i < n * n; i++) sum += big[i] * other[i]
      return sum
    },
    axpy: () => {
      for (let i = 0; i < n * n; i++) other[i] += 1e-9 * big[i]
    },
  }
  const run = {
    gemv: () => kernels.gemv(n, n, 1, pa, n, px, 0, py),
    gemvT: () => kernels.gemvT(n, n, 1, pa, n, px, 0, py),
    dot: () => kernels.dot(n * n, pb, po),
    axpy: () => kernels.axpy(n * n, 1e-9, pb, po),
  }
  near([run.dot()], [plain.dot()], 1e-6)
  return Object.keys(run).map((name) => ({
    name,
    n,
    dtype: 'float64',
    flops: 2 * n * n,
    contenders: { kernel: run[name], 'plain loops': plain[name] },
  }))
}

const factorizations = () => {
  const n = 500
  const a = fromData(filled(n * n, 1), [n, n])
  const positive = matmul(a, a, { transposeB: true })
  for (let i = 0; i < n; i++) positive.data[i * (n + 1)] += n
  const x = fromData(filled(n, 3))
  const [pp, work] = place(positive.data)
  const inPlace = new Float64Array(memory.buffer, pp, n * n)
  const kernel = () => {
    inPlace.set(positive.data)
    kernels.choleskyKernel(n, pp, n, work)
  }
  return [
    { name: 'cholesky', flops: n ** 3 / 3, contenders: { kernel, linalg: () => cholesky(positive) } },
    { name: 'solve', flops: (2 * n ** 3) / 3, contenders: { linalg: () => solve(positive, x) } },
  ].map((work) => ({ ...work, n, dtype: 'float64' }))
}

const functions = () => {
  const n = 316
  const x = filled(n * n, 5)
  const [px, py] = place(x, x)
  const y = new Float64Array(n * n)
  return Object.keys(maps).map((name) => ({
    name,
    n,
    dtype: 'float64',
    flops: n * n,
    contenders: {
      kernel: () => kernels[name](n * n, px, py),
      'plain loops': () => {
        const f = Math[name]
        for (let i = 0; i < y.length; i++) y[i] = f(name === 'log' ? Math.abs(x[i]) + 1 : x[i])
      },
    },
  }))
}

// ---- Timing

const summary = (times) => {
  const sorted = times.toSorted((a, b) => a - b)
  return { median: sorted[Math.floor(sorted.length / 2)], best: sorted[0] }
}

const timed = (f, repeats) => {
  const start = performance.now()
  for (let r = 0; r < repeats; r++) f()
  return (performance.now() - start) / repeats
}

const measure = async ({ name, n, dtype, flops, contenders }, numpy) => {
  const entries = Object.entries(contenders)
  const repeats = entries.map(([, f]) => {
    for (let i = 0; i < 3; i++) f()
    return Math.max(1, Math.round(block / timed(f, 1)))
  })
  const times = entries.map(() => [])
  const theirs = []
  const asked = Math.max(1, Math.round(block / Math.max(1e-3, (await numpy?.time(name, n, dtype, 3)) ?? block)))
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, f]] of entries.entries()) times[i].push(timed(f, repeats[i]))
    if (numpy) theirs.push(await numpy.time(name, n, dtype, asked))
  }
  const rows = entries.map(([who], i) => ({ who, ...summary(times[i]) }))
  if (numpy) rows.push({ who: 'NumPy', ...summary(theirs) })
  const reference = rows.at(-1)
  return rows.map((row) => ({
    work: `${name} ${name === 'dot' || name === 'axpy' || flops === n * n ? n * n : n}`,
    dtype,
    ...row,
    gflops: flops / row.best / 1e6,
    relative: numpy ? reference.best / row.best : undefined,
  }))
}

const numpy = await startNumpy()
const sizes = has('--quick') ? [64, 256, 512] : [64, 128, 256, 512, 1024]
const makers = [
  ...sizes.flatMap((n) => [() => [products(n, 'float64')], () => [products(n, 'float32')]]),
  vectors,
  factorizations,
  functions,
]
const results = []
for (const make of makers) for (const work of make()) results.push(...(await measure(work, numpy)))
numpy?.stop()

if (has('--json'))
  console.log(JSON.stringify({ node: process.version, numpy: numpy?.version, rounds, results }, null, 2))
else {
  console.log(`Node ${process.version}${numpy ? `, NumPy ${numpy.version} on one thread` : ''}, ${rounds} rounds\n`)
  console.log('| work | dtype | by | median ms | best ms | 10⁹ operations/s | speed relative to NumPy |')
  console.log('|---|---|---|---|---|---|---|')
  for (const { work, dtype, who, median, best, gflops, relative } of results)
    console.log(
      `| ${work} | ${dtype} | ${who} | ${median.toFixed(4)} | ${best.toFixed(4)} | ${gflops.toFixed(2)} | ${relative?.toFixed(2) ?? ''} |`,
    )
}
