import { expect, test } from 'vitest'
// @ts-expect-error plain JavaScript, as the benchmarks are
import { secant, secantEager } from '../bench/contenders/secant.mjs'
// @ts-expect-error plain JavaScript
import { measure } from '../bench/driver.mjs'
// @ts-expect-error plain JavaScript
import { growthOf, judged, markdown } from '../bench/report.mjs'
// @ts-expect-error plain JavaScript
import { logisticInputs } from '../bench/workloads/gradients.mjs'

interface Prepared {
  readonly outputs: () => Promise<readonly ArrayLike<number>[]>
  readonly time: (repeats: number) => Promise<number>
}

const tiny = {
  kind: 'logistic',
  family: 'logistic',
  name: 'tiny',
  n: 4,
  dtype: 'float64',
  flops: 320,
  terms: 20,
  inputs: logisticInputs(20, 4),
}

const instant = (outputs: (right: readonly ArrayLike<number>[]) => readonly ArrayLike<number>[], name = 'another') => ({
  name,
  prepare: async (workload: unknown): Promise<Prepared> => {
    const right = await (await secantEager.prepare(workload)).outputs()
    return { outputs: async () => outputs(right), time: async () => 1 }
  },
})

test('one workload is measured; who is wrong is left out, and ours may not be', async () => {
  const off = (right: readonly ArrayLike<number>[]) => right.map((array) => Array.from(array, (x) => x * (1 + 1e-9)))
  const result = await measure(tiny, [secant, secantEager, instant(off), instant((right) => right, 'exact')], 20)
  expect(result.rows.map(({ by }: { by: string }) => by)).toEqual(['Secant', 'Secant, eager', 'exact'])
  expect(result.rows.every(({ best, median }: { best: number; median: number }) => 0 < best && best <= median)).toBe(
    true,
  )
  expect(result.left.map(({ name }: { name: string }) => name)).toEqual(['another'])
  await expect(measure(tiny, [instant(off, 'Secant, wrong')], 20)).rejects.toThrow('is off by')
  const about = { date: '', node: '', cpu: '', contenders: [], absent: [] }
  expect(markdown({ about, results: [result] })).toContain('| tiny | float64 | another |  |  |  | left out: result 0')
})

test('floors are judged by best times, and growth is the slope of logarithms', () => {
  const at = (n: number, best: number) => ({
    workload: { kind: 'logistic', family: 'logistic', name: `${n}`, n, dtype: 'float64', flops: n ** 2 },
    rows: [
      { by: 'Secant', best, median: best },
      { by: 'NumPy', best: best / 1.5, median: best },
    ],
    left: [],
  })
  const results = [50, 100, 200].map((n) => at(n, n ** 3))
  expect(judged(results).find(({ than }: { than: string }) => than === 'NumPy')).toMatchObject({
    value: 1.5,
    verdict: 'floor met',
  })
  const [growth] = growthOf(results)
  expect(growth.slope).toBeCloseTo(3)
  expect(growth.flops).toBeCloseTo(2)
})
