// NumPy and SciPy, JAX and PyTorch, as far as a Python has them: one process on one thread that answers line by line.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isTensor } from '@secant/linalg'

const server = fileURLToPath(new URL('python/serve.py', import.meta.url))
const names = { by_numpy: 'NumPy', by_jax: 'JAX', by_torch: 'PyTorch' }

/** One thread, and the kernels that the library itself would choose for the machine. */
const surroundings = () => {
  const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env
  return { ...rest, ...one }
}

const written = (inputs, file) => {
  const arrays = []
  const chunks = []
  let offset = 0
  for (const [name, { shape, data, dtype }] of Object.entries(inputs).filter(([, value]) => isTensor(value))) {
    arrays.push([name, dtype, shape, offset])
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    offset += data.byteLength
  }
  writeFileSync(file, Buffer.concat(chunks))
  return { arrays, numbers: Object.fromEntries(Object.entries(inputs).filter(([, value]) => !isTensor(value))) }
}

const read = (file, sizes) => {
  const raw = readFileSync(file)
  const all = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength))
  let at = 0
  return sizes.map((size) => {
    at += size
    return all.subarray(at - size, at)
  })
}

/** The contenders behind a Python, and what it does not have with the reason. */
export const startPython = async (python) => {
  const child = spawn(python, [server], { env: surroundings(), stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await new Promise((resolve) => {
    child.on('error', ({ message }) => resolve(JSON.stringify({ reason: `${python} does not start (${message})` })))
    lines.next().then(({ value }) => resolve(value ?? JSON.stringify({ reason: `${python} ended at once` })))
  })
  const { versions, blas, absent: missing, reason } = JSON.parse(first)
  if (reason !== undefined) {
    child.stdin.end()
    return { contenders: [], absent: [{ name: 'NumPy, JAX and PyTorch', reason }] }
  }
  const folder = mkdtempSync(join(tmpdir(), 'secant-bench-'))
  const [there, back] = [join(folder, 'inputs'), join(folder, 'outputs')]
  const ask = async (order) => {
    child.stdin.write(`${JSON.stringify(order)}\n`)
    const { value } = await lines.next()
    if (value === undefined) throw new Error('bench: Python ended before it answered')
    return JSON.parse(value)
  }
  const contenders = Object.entries(versions).map(([by, version], i) => ({
    name: names[by],
    note: `${version}${by === 'by_numpy' ? `, ${blas}` : ''}, one thread`,
    prepare: async ({ kind, dtype, inputs }) => {
      const order = { do: 'prepare', by, kind, dtype, file: there, ...written(inputs, there) }
      const { knows, failure } = await ask(order)
      if (failure !== undefined) throw new Error(failure)
      if (!knows) return undefined
      return {
        outputs: async () => read(back, (await ask({ do: 'outputs', by, file: back })).sizes),
        time: async (repeats) => (await ask({ do: 'time', by, repeats })).milliseconds,
      }
    },
    stop: () => {
      if (i > 0) return
      child.stdin.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }))
  const absent = Object.entries(missing).map(([by, why]) => ({ name: names[by], reason: `${python}: ${why}` }))
  return { contenders, absent }
}
