import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import type * as Linalg from '../src/index.ts'
import type { Tensor } from '../src/index.ts'
import { scattered } from './matrices.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

interface Memory {
  readonly buffer: ArrayBuffer
}
type Engine = Readonly<Record<string, unknown>> & { readonly Memory: new (limits: object) => Memory }

const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly
const { Module, Instance, validate } = engine

/** The memories that were made. */
const memories: WeakRef<Memory>[] = []

class Counted extends engine.Memory {
  constructor(limits: object) {
    super(limits)
    memories.push(new WeakRef(this))
  }
}

afterEach(() => vi.unstubAllGlobals())

/** What is held for the sake of the present job is let go, and collected. */
const later = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve))
    collect()
  }
}

const sizes = (): readonly (number | undefined)[] => memories.map((memory) => memory.deref()?.buffer.byteLength)

test('memory of large calls is given back, and nothing depends on it', async () => {
  vi.stubGlobal('WebAssembly', { Module, Instance, validate, Memory: Counted })
  vi.resetModules()
  const linalg: typeof Linalg = await import('../src/index.ts')
  const square = (n: number): Tensor => {
    const a = scattered([n, n], n)
    return linalg.matmul(a, a, { transposeB: true })
  }
  const small = square(40)
  const large = square(500)
  const factor = linalg.cholesky(large)
  expect(square(40)).toEqual(small)
  // One memory served the products and the factorization, and grew.
  expect(sizes()).toHaveLength(1)
  expect(sizes()[0]).toBeGreaterThan(3 * 8 * 500 ** 2)

  await later()
  expect(sizes()).toEqual([undefined])

  expect(square(40)).toEqual(small)
  expect(sizes()[1]).toBeLessThan(10 * 8 * 40 ** 2 + 2 ** 16)
  expect(square(500)).toEqual(large)
  expect(linalg.cholesky(large)).toEqual(factor)
  expect(sizes()).toHaveLength(2)
})
