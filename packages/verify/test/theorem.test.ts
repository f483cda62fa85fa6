import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  atLeast,
  atMost,
  below,
  type Comparison,
  conditions,
  conjunction,
  equals,
  type Finding,
  onTrust,
  slackFactor,
  type Theorem,
  theorem,
  theoremMonoid,
  verify,
  viewOf,
} from '../src/index.ts'
import { gradientRun } from './reference-runs.ts'

const run = viewOf(gradientRun(0.1, 3).trace)

const claiming = (finding: Finding<number>, comparisons: readonly Comparison[], kind: Theorem['kind'] = 'theorem') =>
  theorem({
    name: 'claim',
    kind,
    source: 'here',
    statement: 'measured ≤ bound',
    assumptions: { it: { statement: 'it holds', find: () => finding } },
    bound: () => comparisons,
  })

const [within, beyond] = [atMost(0, 1, 2), atMost(4, 3, 2)]

describe('the verdict', () => {
  test.each([
    ['holds', 'measured', [within], 'theorem'],
    ['violated', 'given', [within, beyond], 'theorem'],
    ['violated', 'proved', [beyond], 'condition'],
    ['inconclusive', 'estimated', [within, beyond], 'theorem'],
    ['holds', 'estimated', [within], 'theorem'],
    ['does not apply', 'failed', [within], 'theorem'],
    ['does not apply', 'failed', [beyond], 'theorem'],
    ['does not apply', 'unknown', [beyond], 'theorem'],
    ['does not apply', 'given', [], 'theorem'],
    ['supported', 'given', [within], 'evidence'],
    ['contradicted', 'given', [beyond], 'evidence'],
    ['contradicted', 'estimated', [beyond], 'evidence'],
  ] as const)('%s: assumption %s', (verdict, status, comparisons, kind) => {
    const row = claiming({ status, detail: '', value: 1 }, comparisons, kind).check(run)
    expect(row.verdict).toBe(verdict)
    if (verdict !== 'holds' && verdict !== 'supported') expect(row.reasons).not.toEqual([])
  })

  test('a value that is missing leaves nothing to compare, whatever the bound', () => {
    const row = claiming({ status: 'unknown', detail: 'not given' }, [within]).check(run)
    expect(row).toMatchObject({ verdict: 'does not apply', comparisons: [] })
    expect(row.reasons).toEqual(['unknown: it holds (not given)'])
  })

  test('the first violated step is named, and the tightest where there is none', () => {
    const held = { status: 'given', detail: '', value: 1 } as const
    expect(claiming(held, [atMost(1, 1, 2), atMost(2, 1.9, 2), within]).check(run).tightest?.step).toBe(2)
    expect(claiming(held, [within, atMost(3, 2.1, 2), atMost(4, 9, 2)]).check(run).tightest?.step).toBe(3)
  })

  test('NaN violates', () => {
    const held = { status: 'given', detail: '', value: 1 } as const
    for (const broken of [atMost(0, Number.NaN, 1), atLeast(0, 1, Number.NaN), equals(0, Number.NaN, Number.NaN)])
      expect(claiming(held, [broken, within]).check(run).verdict).toBe('violated')
  })

  test('on trust assumptions count as given', () => {
    const failing = claiming({ status: 'failed', detail: '', value: 1 }, [beyond])
    expect(failing.check(run).verdict).toBe('does not apply')
    expect(onTrust(failing).check(run).verdict).toBe('violated')
    expect(onTrust(claiming({ status: 'unknown', detail: '' }, [beyond])).check(run).verdict).toBe('does not apply')
  })
})

test('slack is relative: 0 at equality, 1 for a bound that is infinitely far, negative beyond', () => {
  expect(atMost(0, 1, 2).slack).toBe(0.5)
  expect(atMost(0, 2, 2).slack).toBe(0)
  expect(atMost(0, 1, Number.POSITIVE_INFINITY).slack).toBe(1)
  expect(atLeast(0, 1, 2).slack).toBe(-0.5)
  expect(equals(0, 1, 2).slack).toBe(-0.5)
  expect(atMost(0, 1, 1, { scale: 4, rounding: 2 }).tolerance).toBeCloseTo(0.5, 5)
  expect(below(0, 0, 0).slack >= -below(0, 0, 0).tolerance).toBe(false)
  expect(slackFactor(atMost(0, 1, 2))).toBe(2)
  expect(slackFactor(atLeast(0, 4, 2))).toBe(2)
  expect(slackFactor(atMost(0, -4, -2))).toBe(2)
  expect(slackFactor(atMost(0, 4, 2))).toBe(0.5)
})

describe('conjunction', () => {
  const comparisons = fc
    .record({ step: fc.nat(9), slack: fc.double({ noNaN: true, min: -1, max: 1 }) })
    .map((parts) => ({ ...atMost(0, 1, 2), ...parts }))

  test('of comparisons is a monoid that keeps the least slack', () => {
    fc.assert(
      fc.property(comparisons, comparisons, comparisons, (a, b, c) => {
        const { concat, empty } = conjunction
        expect(concat(concat(a, b), c)).toEqual(concat(a, concat(b, c)))
        expect(concat(a, empty)).toEqual(a)
        expect(concat(empty, a)).toEqual(a)
        expect(concat(a, b).slack).toBe(Math.min(a.slack, b.slack))
      }),
    )
  })

  test('of theorems is a monoid, whose verdict is the worst', () => {
    const held = { status: 'given', detail: '', value: 1 } as const
    const [good, bad] = [claiming(held, [within]), claiming(held, [beyond])]
    const { concat, empty } = theoremMonoid
    const shown = (one: Theorem): unknown => one.check(run)
    expect(shown(concat(good, empty))).toEqual(shown(good))
    expect(shown(concat(empty, good))).toEqual(shown(good))
    expect(shown(concat(concat(good, bad), good))).toEqual(shown(concat(good, concat(bad, good))))
    expect(concat(good, good).check(run).verdict).toBe('holds')
    expect(concat(good, bad).check(run).verdict).toBe('violated')
    expect(concat(good, claiming({ status: 'unknown', detail: '' }, [])).check(run).verdict).toBe('does not apply')
  })

  test('a conjunction with evidence is evidence', () => {
    const held = { status: 'given', detail: '', value: 1 } as const
    const both = theoremMonoid.concat(claiming(held, [within]), claiming(held, [within], 'evidence'))
    expect(both.check(run).verdict).toBe('supported')
  })
})

test('an empty trace and a single point are no runs: nothing holds of them', () => {
  const { trace, known } = gradientRun(0.1, 2)
  for (const count of [0, 1]) {
    const short = { ...trace, iterates: trace.iterates.slice(0, count) }
    for (const { verdict } of verify(short, known).rows) expect(verdict).toBe('does not apply')
  }
})

test('what nobody promised is compared, but is no failure', () => {
  const { trace, known } = gradientRun(0.19, 10)
  const silent = conditions.strongWolfe.check(viewOf(trace, known))
  expect(silent.verdict).toBe('does not apply')
  expect(silent.comparisons.length).toBeGreaterThan(0)
  const promising = viewOf(trace, { ...known, promises: ['strong Wolfe'], c1: 0.4 })
  expect(conditions.strongWolfe.check(promising).verdict).toBe('violated')
  const declared = { ...trace, header: { ...trace.header, options: { promises: ['strong Wolfe'], c1: 0.4 } } }
  expect(conditions.strongWolfe.check(viewOf(declared, known)).verdict).toBe('violated')
})
