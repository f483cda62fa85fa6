import type { Buffer, DeviceError, Engine } from './device.ts'
import type { Product } from './operation.ts'

/** ±1 from the bits of a counter (Weyl sequence, mixed). */
const signs = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => {
    const bits = Math.imul((i + 1) ^ (seed * 0x9e3779b9), 0x85ebca6b)
    return ((bits ^ (bits >>> 15)) & 1) === 0 ? 1 : -1
  })

/** Row by row `x ↦ M x` and `|x| ↦ |M||x|`, for the block of a product that op(M) is. */
const applied = (
  m: Float64Array,
  start: number,
  rows: number,
  columns: number,
  turned: boolean,
  x: Float64Array,
  size: Float64Array,
): readonly [Float64Array, Float64Array] => {
  const [y, bound] = [new Float64Array(rows), new Float64Array(rows)]
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const entry = m[start + (turned ? j * rows + i : i * columns + j)] as number
      y[i] = (y[i] as number) + entry * (x[j] as number)
      bound[i] = (bound[i] as number) + Math.abs(entry) * (size[j] as number)
    }
  return [y, bound]
}

/**
 * Compares `C x` with `C₀ + α A (B x)` for a vector x of random signs, on the host in float64: a wrong product is found
 * with probability ½ or more (Freivalds 1977), at O(n²) cost.
 */
const check = async (engine: Engine, product: Product, args: readonly Buffer[], result: Buffer): Promise<void> => {
  const [a, b, before] = await Promise.all(args.map((arg) => engine.download(arg)))
  const found = await engine.download(result)
  const { batch, m, k, n, transposeA, transposeB, alpha, added } = product
  const [left, right] = [a as Float64Array, b as Float64Array]
  const x = signs(n, m + k)
  const ones = new Float64Array(n).fill(1)
  for (let block = 0; block < batch; block++) {
    const [bx, sizeBx] = applied(right, block * k * n, k, n, transposeB, x, ones)
    const [abx, sizeAbx] = applied(left, block * m * k, m, k, transposeA, bx, sizeBx)
    const [cx, sizeCx] = applied(found, block * m * n, m, n, false, x, ones)
    const [c0x, sizeC0x] =
      added && before !== undefined ? applied(before, block * m * n, m, n, false, x, ones) : [undefined, undefined]
    for (let i = 0; i < m; i++) {
      const wanted = (c0x?.[i] ?? 0) + (added ? alpha : 1) * (abx[i] as number)
      const measured = Math.abs((cx[i] as number) - wanted)
      const size = Math.abs(added ? alpha : 1) * (sizeAbx[i] as number) + (sizeC0x?.[i] ?? 0) + (sizeCx[i] as number)
      const bound = (k + 4) * engine.identity.unitRoundoff * size
      if (measured > bound && Number.isFinite(wanted))
        throw { kind: 'wrong product', row: block * m + i, measured, bound } satisfies DeviceError
      if (!Number.isFinite(measured) && Number.isFinite(wanted))
        throw { kind: 'wrong product', row: block * m + i, measured, bound } satisfies DeviceError
    }
  }
}

/** The same engine with every product checked. */
export const verifying = (engine: Engine): Engine => ({
  ...engine,
  run: async (operation, args) => {
    const result = await engine.run(operation, args)
    if (operation.kind === 'product')
      try {
        await check(engine, operation, args, result)
      } catch (thrown) {
        engine.free(result)
        throw thrown
      }
    return result
  },
})
