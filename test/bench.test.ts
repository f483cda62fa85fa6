import { expect, test } from 'vitest'
// @ts-expect-error plain JavaScript, as the benchmarks are
import { allocatedBy } from '../bench/allocation.mjs'
// @ts-expect-error plain JavaScript
import { local } from '../bench/contenders/local.mjs'
// @ts-expect-error plain JavaScript
import { secant, secantEager } from '../bench/contenders/secant.mjs'
// @ts-expect-error plain JavaScript
import { measure } from '../bench/driver.mjs'
// @ts-expect-error plain JavaScript
import { growthOf } from '../bench/growth.mjs'
// @ts-expect-error plain JavaScript
import { page } from '../bench/page.mjs'
// @ts-expect-error plain JavaScript
import { profiled } from '../bench/profile.mjs'
// @ts-expect-error plain JavaScript
import { judged, markdown } from '../bench/report.mjs'
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

const about = { date: '', node: '', cpu: '', load: 0, contenders: [], absent: [] }

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
  expect(markdown({ about, results: [result] })).toContain('| tiny | float64 | another |  |  |  | left out: result 0')
})

const at = (n: number, best: number) => ({
  workload: { kind: 'logistic', family: 'logistic', name: `${n}`, n, dtype: 'float64', flops: n ** 2 },
  rows: [
    { by: 'Secant', best, median: best, bytes: 1500 },
    { by: 'NumPy', best: best / 1.5, median: best },
  ],
  left: [],
})
const cubic = [50, 100, 200].map((n) => at(n, n ** 3))

test('floors are judged by best times, and growth is the slope of logarithms', () => {
  expect(judged(cubic).find(({ than }: { than: string }) => than === 'NumPy')).toMatchObject({
    value: 1.5,
    verdict: 'floor met',
  })
  const [growth] = growthOf(cubic)
  expect(growth.slope).toBeCloseTo(3)
  expect(growth.flops).toBeCloseTo(2)
  expect(growth.differs).toBe('time grows faster')
  const near = [50, 100, 200].map((n) => at(n, n ** 2.2))
  expect(growthOf(near)[0].differs).toBeUndefined()
})

test('the page has tables, and a plot for each family', async () => {
  const html = await page({ about, results: cubic })
  expect(html.match(/<svg/g)).toHaveLength(1)
  expect(html).toContain('<td>time grows faster</td>')
  expect(markdown({ about, results: cubic })).toContain('| 50 | float64 | 1.5 |')
})

test('what a call allocates is counted, beyond its result', () => {
  const result = () => Array.from({ length: 10 }, () => new Float64Array(10_000))
  const size = 10 * 80_000
  expect(allocatedBy(result, () => 0)).toBeGreaterThan(0.9 * size)
  expect(allocatedBy(result, () => size)).toBeLessThan(0.1 * size)
})

test('a profile tells where the time of a contender goes', async () => {
  const work = function busy() {
    let sum = 0
    for (let i = 1; i < 1e5; i++) sum += Math.sin(i)
    return sum
  }
  const prepare = async () => await local({ name: 'one', table: { tiny: () => [work] } }).prepare({ kind: 'tiny' })
  expect(await profiled(tiny, { name: 'one', prepare }, 100)).toMatch(/% \| busy \| bench\.test\.ts:/)
})
