import { matmul } from '../matmul.ts'
import { sizeOf } from '../shape.ts'
import { fromData, type Tensor } from '../tensor.ts'
import type { Buffer, Device, Engine, Identity } from './device.ts'
import { fusedOnHost } from './host-fused.ts'
import { deviceOf } from './open.ts'
import type { Fold, Gather, Operation, Pointwise, Product, RankTwo, Reduce, Spread } from './operation.ts'

/** Matrix products of one block, as in linalg's `matmul`; what a faster host engine replaces. */
export type HostProduct = typeof matmul

const blockProduct = (multiply: HostProduct, product: Product, [a, b, c]: readonly Float64Array[]): Float64Array => {
  const { batch, m, k, n, transposeA, transposeB, alpha, added } = product
  const left = fromData(a as Float64Array, [batch, ...(transposeA ? [k, m] : [m, k])])
  const right = fromData(b as Float64Array, [batch, ...(transposeB ? [n, k] : [k, n])])
  const out = multiply(left, right, { transposeA, transposeB }).data as Float64Array
  if (added && c !== undefined)
    for (let i = 0; i < out.length; i++) out[i] = (c[i] as number) + alpha * (out[i] as number)
  return out
}

const pointwise = ({ f, rows, columns, spreads }: Pointwise, args: readonly Buffer[]): Float64Array => {
  const out = new Float64Array(rows * columns)
  const [p, q = p, s = p] = args.map(entriesOf) as [Float64Array, Float64Array?, Float64Array?]
  const [first, second = first, third = first] = spreads as [Spread, Spread?, Spread?]
  const startOf = (y: number, i: number, { after, middle }: Spread): number =>
    (Math.floor(y / after) % middle) * (args[i]?.columns ?? 0)
  for (let y = 0, next = 0; y < rows; y++) {
    let [at, bt, ct] = [startOf(y, 0, first), startOf(y, 1, second), startOf(y, 2, third)]
    for (let x = 0; x < columns; x++, at += first.step, bt += second.step, ct += third.step)
      out[next++] = f.host(p[at] as number, q[bt] as number, s[ct] as number)
  }
  return out
}

const joined: Readonly<Record<Fold, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
}

const reduce = (
  { fold, way, length, rows, columns }: Reduce,
  { columns: width }: Buffer,
  a: Float64Array,
): Float64Array => {
  const join = joined[fold]
  const out = new Float64Array(rows * columns)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [start, step] =
        way === 'along rows'
          ? [(y * columns + x) * width, 1]
          : way === 'in chunks'
            ? [y * width + x * length, 1]
            : [y * length * width + x, width]
      const count = way === 'in chunks' ? Math.min(length, width - x * length) : length
      let total = a[start] as number
      for (let i = 1; i < count; i++) total = join(total, a[start + i * step] as number)
      out[y * columns + x] = total
    }
  return out
}

const gather = ({ sizes, columns, strides, offset }: Gather, a: Float64Array): Float64Array => {
  const out = new Float64Array(sizes[0] * sizes[1] * sizes[2] * columns)
  let next = 0
  for (let i = 0; i < sizes[0]; i++)
    for (let j = 0; j < sizes[1]; j++)
      for (let k = 0; k < sizes[2]; k++)
        for (let x = 0; x < columns; x++)
          out[next++] = a[offset + i * strides[0] + j * strides[1] + k * strides[2] + x * strides[3]] as number
  return out
}

const rankTwo = ({ alpha }: RankTwo, n: number, [a, u, v]: readonly Float64Array[]): Float64Array => {
  const [from, x, y] = [a as Float64Array, u as Float64Array, v as Float64Array]
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const [p, q] = [alpha * (x[i] as number), alpha * (y[i] as number)]
    for (let j = 0, at = i * n; j < n; j++, at++)
      out[at] = (from[at] as number) + (p * (y[j] as number) + q * (x[j] as number))
  }
  return out
}

const entriesOf = (buffer: Buffer): Float64Array => buffer.content as Float64Array

const stored = (content: Float64Array, rows: number): Buffer => ({ rows, columns: content.length / rows, content })

const carryOut = (multiply: HostProduct, operation: Operation, args: readonly Buffer[]): Buffer => {
  const values = args.map(entriesOf)
  const [first, columns] = [values[0] as Float64Array, (args[0] as Buffer).columns]
  switch (operation.kind) {
    case 'product':
      return stored(blockProduct(multiply, operation, values), operation.batch * operation.m)
    case 'pointwise':
      return stored(pointwise(operation, args), operation.rows)
    case 'fused':
      return stored(fusedOnHost(operation, args), sizeOf(operation.outer))
    case 'reduce':
      return stored(reduce(operation, args[0] as Buffer, first), operation.rows)
    case 'gather':
      return stored(gather(operation, first), operation.sizes[0] * operation.sizes[1] * operation.sizes[2])
    case 'rank two':
      return stored(rankTwo(operation, columns, values), columns)
    case 'take rows': {
      const out = new Float64Array(operation.rows * columns)
      for (let i = 0; i < operation.rows; i++) {
        const row = (values[1] as Float64Array)[i] as number
        out.set(first.subarray(row * columns, (row + 1) * columns), i * columns)
      }
      return stored(out, operation.rows)
    }
    case 'stack': {
      const out = new Float64Array(operation.rows * columns)
      out.set(first)
      out.set(values[1] as Float64Array, first.length)
      return stored(out, operation.rows)
    }
  }
}

/** An engine that computes in float64 in this thread; a faster product may be given. */
export const hostEngine = (identity: Identity, multiply: HostProduct = matmul): Engine => ({
  identity,
  upload: async (entries: Tensor['data'], rows) => stored(Float64Array.from(entries), rows),
  download: async (buffer) => entriesOf(buffer).slice(),
  run: async (operation, args) => carryOut(multiply, operation, args),
  free: () => undefined,
  lost: () => undefined,
  close: async () => undefined,
})

/**
 * The processor as a device, in plain JavaScript and float64: what other devices are measured against.
 *
 * @example
 * cpu().name // => 'cpu, float64'
 */
export const cpu = (): Device =>
  deviceOf(
    hostEngine({
      backEnd: 'cpu',
      renderer: 'JavaScript',
      software: true,
      precision: 'float64',
      unitRoundoff: 2 ** -53,
    }),
  )
