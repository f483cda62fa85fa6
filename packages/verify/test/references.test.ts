import { expect, test } from 'vitest'
import { allTheorems, type Row, verify } from '../src/index.ts'
import { references } from './reference-runs.ts'

const checked: ReadonlyMap<string, readonly Row[]> = new Map(
  [...references].map(([name, reference]) => {
    const { trace, known } = reference()
    return [name, verify(trace, known).rows]
  }),
)

const rows = [...checked].flatMap(([name, rows]) => rows.map((row) => ({ name, ...row })))

test('names are different', () => {
  expect(new Set(allTheorems.map(({ name }) => name)).size).toBe(allTheorems.length)
})

test('no reference run violates or contradicts anything', () => {
  const bad = rows.filter(({ verdict }) => !['holds', 'supported', 'does not apply'].includes(verdict))
  expect(bad.map(({ name, theorem, verdict, reasons }) => ({ name, theorem, verdict, reasons }))).toEqual([])
})

test.each(allTheorems.map(({ name }) => name))('%s holds on a reference run', (theorem) => {
  const verdicts = rows.filter((row) => row.theorem === theorem).map(({ verdict }) => verdict)
  expect(verdicts.some((verdict) => verdict === 'holds' || verdict === 'supported')).toBe(true)
})
