import { describe, expect, test } from 'vitest'
import { manyPrograms, orders } from './many-programs.ts'
import { rounded } from './noise.ts'

// As users run them: the evaluator has the host's functions here, and WebAssembly its own.

const counts = { values: 25, 'first derivatives': 8, 'second derivatives': 2 }

describe.each(['float64', 'float32'] as const)('random programs in %s', (dtype) => {
  test.each(Object.entries(counts))('%s: WebAssembly = evaluator, to what its rounding may do', (name, numRuns) => {
    const order = orders[name as keyof typeof orders]
    const { inWasm } = manyPrograms(order, dtype, { numRuns, noise: rounded, isSmooth: true })
    expect(inWasm).toBeGreaterThanOrEqual(numRuns / 4)
  })
})
