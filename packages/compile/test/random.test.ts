import { describe, expect, test, vi } from 'vitest'
import { useKernelMath } from './kernel-math.ts'

// `npm run programs` is the long form: as many programs as are asked for, and what they were made of.

useKernelMath()
vi.resetModules()
const { manyPrograms, orders } = await import('./many-programs.ts')

const counts = { values: 100, 'first derivatives': 40, 'second derivatives': 10 }

describe.each(['float64', 'float32'] as const)('random programs in %s', (dtype) => {
  test.each(Object.entries(counts))('%s: evaluator = JavaScript = WebAssembly', (order, numRuns) => {
    const { inWasm, compared } = manyPrograms(orders[order as keyof typeof orders], dtype, { numRuns })
    expect(inWasm).toBeGreaterThan(numRuns / 4)
    expect(compared.bits).toBeGreaterThan(numRuns / 2)
  })
})
