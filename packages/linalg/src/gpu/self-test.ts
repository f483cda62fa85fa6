import type { Check, Engine } from './device.ts'
import { add, div, type Elementwise, mul, sqrt, sub } from './elementwise.ts'
import type { Product } from './operation.ts'

/** Numbers between −1 and 1 without a pattern, exact in float32. */
const numbers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(12.9898 * (i + 1) ** 1.5 + seed)))

/** Numbers of the 48 bits that two floats hold. */
const pairs = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => {
    const x = 1 + Math.sin(12.9898 * (i + 1) ** 1.5 + seed) / 3
    return Math.fround(x) + Math.fround(x - Math.fround(x))
  })

const plainProduct = (a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    let sum = 0
    for (let l = 0; l < k; l++) sum += (a[i * k + l] as number) * (b[l * n + j] as number)
    return sum
  })

/** Largest error in units of `γ |a||b|`. Odd sides, and an inner one that some loops would be cut at. */
const productCheck = async (engine: Engine): Promise<Check> => {
  const [m, k, n] = [7, 1003, 3]
  const [a, b] = [numbers(m * k, 1), numbers(k * n, 2)]
  const product: Product = {
    kind: 'product',
    transposeA: false,
    transposeB: false,
    batch: 1,
    m,
    k,
    n,
    alpha: 1,
    added: false,
  }
  const args = [await engine.upload(a, m, k), await engine.upload(b, k, n)]
  const result = await engine.run(product, args)
  const found = await engine.download(result)
  for (const buffer of [...args, result]) engine.free(buffer)
  const exact = plainProduct(a, b, m, k, n)
  const size = plainProduct(a.map(Math.abs), b.map(Math.abs), m, k, n)
  const gamma = (k + 1) * engine.identity.unitRoundoff
  const errors = found.map((entry, i) => Math.abs(entry - (exact[i] as number)) / (gamma * (size[i] as number)))
  return { name: 'a product of odd sides, in γ|a||b|', measured: largest(errors), bound: 1 }
}

const largest = (list: Float64Array): number => list.reduce((top, x) => (x > top || Number.isNaN(x) ? x : top), 0)

/** Largest relative error in unit roundoffs: what a driver that reassociates gets wrong in double-single. */
const arithmeticCheck =
  (f: Elementwise) =>
  async (engine: Engine): Promise<Check> => {
    const [rows, columns] = [5, 13]
    const draw = engine.identity.precision === 'double-single' ? pairs : numbers
    const kept = Array.from({ length: f.arity }, (_, i) => {
      const list = draw(rows * columns, i)
      return f === sqrt ? list.map(Math.abs) : list
    })
    const args = []
    for (const list of kept) args.push(await engine.upload(list, rows, columns))
    const spreads = args.map(() => ({ after: 1, middle: rows, step: 1 }) as const)
    const result = await engine.run({ kind: 'pointwise', f, rows, columns, spreads }, args)
    const found = await engine.download(result)
    for (const buffer of [...args, result]) engine.free(buffer)
    const errors = found.map((entry, i) => {
      const exact = f.host(kept[0]?.[i] as number, kept[1]?.[i] as number, Number.NaN)
      return Math.abs(entry - exact) / (engine.identity.unitRoundoff * Math.abs(exact))
    })
    return { name: `${f.name}, in unit roundoffs`, measured: largest(errors), bound: Math.max(f.error, 1) }
  }

const matrixTurned = async (engine: Engine): Promise<Check> => {
  const [rows, columns] = [5, 9]
  const entries = Float64Array.from({ length: rows * columns }, (_, i) => i)
  const from = await engine.upload(entries, rows, columns)
  const strides = [0, 0, 1, columns] as const
  const result = await engine.run({ kind: 'gather', sizes: [1, 1, columns], columns: rows, strides, offset: 0 }, [from])
  const found = await engine.download(result)
  for (const buffer of [from, result]) engine.free(buffer)
  const wrong = found.filter((entry, i) => entry !== entries[(i % rows) * columns + Math.floor(i / rows)])
  return { name: 'entries misplaced by a transposition', measured: wrong.length, bound: 0 }
}

const checks: readonly ((engine: Engine) => Promise<Check>)[] = [
  productCheck,
  matrixTurned,
  ...[add, sub, mul, div, sqrt].map(arithmeticCheck),
]

export const keeps = ({ measured, bound }: Check): boolean => measured <= bound

/** What a device must get right before it is handed out. */
export const selfTest = async (engine: Engine): Promise<readonly Check[]> => {
  const results: Check[] = []
  for (const check of checks) results.push(await check(engine))
  return results
}
