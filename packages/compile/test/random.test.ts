import type { Value, Values } from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import { describe, expect, test, vi } from 'vitest'
import { useKernelMath } from './kernel-math.ts'

// `npm run programs` is the long form: as many programs as are asked for, and what they were made of.

useKernelMath()
vi.resetModules()
const { manyPrograms, orders } = await import('./many-programs.ts')
const { agree } = await import('./three-ways.ts')
const { reordered } = await import('./noise.ts')
const { add, cast, matmul, mul, neg, reshape, scan, sin, sum } = await import('@secant/autodiff')

const counts = { values: 70, 'first derivatives': 20, 'second derivatives': 6 }

describe.each(['float64', 'float32'] as const)('random programs in %s', (dtype) => {
  test.each(Object.entries(counts))('%s: evaluator = JavaScript = WebAssembly', (order, numRuns) => {
    const { inWasm, compared, unlisted } = manyPrograms(orders[order as keyof typeof orders], dtype, { numRuns })
    expect([...unlisted]).toEqual([])
    expect(inWasm).toBeGreaterThan(numRuns / 4)
    expect(compared.bits).toBeGreaterThan(numRuns / 3)
  })
})

// What random programs found, or what it takes many of them to find.
test.each<readonly [string, (xs: Values) => Values, Tensor]>([
  [
    'a whole number with more digits than float32 has',
    ([k]) => [mul(cast(neg(sum(k as Value)), 'float32'), 1.5)],
    tensor([16777217], 'int32'),
  ],
  [
    'results of steps that a loop and a product inside of them read',
    ([x]) => {
      const step = (c: Value) => {
        const k = sin(c)
        const [d] = scan((e: Value) => [mul(e, 0.5), null], { length: 2 })(k, null)
        return [matmul(reshape(k, [4, 10]), reshape(d, [10, 4])), k] as const
      }
      return [
        scan(
          (c: Value) => {
            const [p, k] = step(c)
            return [add(c, sum(p)), [k, p] as const]
          },
          { length: 3 },
        )(x as Value, null)[1][0],
      ]
    },
    tensor(Array.from({ length: 40 }, (_, i) => i / 40)),
  ],
  ['nothing added to −0', ([x]) => [add(x as Value, 0), add(x as Value, -0)], tensor([-0, 0, 1])],
])('%s', (_, f, x) => {
  for (const unrolled of [0, 16]) agree(f, [[x]], { unrolled, isSmooth: true, noise: reordered })
})
