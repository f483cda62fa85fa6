import { checkDerivative, concrete, item, mul, type Value, valueAndGrad } from '@secant/autodiff'
import { div, maxAbs, tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  decodeRegressions,
  minimumByNewton,
  moreGarbowHillstrom,
  type Problem,
  scalableProblems,
} from '../src/index.ts'
import { readData, readRegressions } from '../src/node/files.ts'

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a result`)
  return either.right
}

interface Known {
  readonly name: string
  readonly start: readonly number[]
  readonly f0: number
  /** Largest entry of the gradient at the start, in absolute value. */
  readonly g0: number
  readonly fmin?: number
  readonly minima?: readonly { readonly f: number; readonly x?: readonly number[] }[]
}

const knownIn = (file: string): readonly Known[] =>
  JSON.parse(new TextDecoder().decode(right(readData(`free/${file}.json`)))) as readonly Known[]

const expectNear = (found: number, expected: number, relative = 1e-10): void => {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-2))
}

const startsAsKnown = (problem: Problem<Value>, known: Known): void => {
  expect(problem.n).toBe(known.start.length)
  const start = concrete(problem.start)
  for (const [i, entry] of start.data.entries()) expectNear(entry, known.start[i] as number, 1e-15)
  const [value, gradient] = valueAndGrad(problem.objective)(start)
  expectNear(item(value), known.f0)
  expectNear(maxAbs(concrete(gradient)), known.g0)
  expect(checkDerivative(problem.objective, start)).toMatchObject({ agrees: true })
}

const paired = (problems: readonly Problem<Value>[], known: readonly Known[]) => {
  expect(problems.map(({ name }) => name)).toEqual(known.map(({ name }) => name))
  return problems.map((problem, i) => [problem.name, problem, known[i] as Known] as const)
}

describe('Moré, Garbow and Hillstrom', () => {
  test.each(paired(moreGarbowHillstrom(), knownIn('mgh')))('%s', (_, problem, known) => {
    startsAsKnown(problem, known)
    expect(problem.minimum).toBe(known.minima?.[0]?.f)
    for (const { f, x } of known.minima ?? []) {
      if (x === undefined) continue
      const [value, gradient] = valueAndGrad(problem.objective)(tensor(x) as Value)
      expect(Math.abs(item(value) - f)).toBeLessThanOrEqual(1e-13 * Math.max(1, f))
      // A minimum known to half a unit of its last digits has a gradient of that size times the curvature.
      expect(maxAbs(concrete(gradient))).toBeLessThan(1e-10 * Math.max(1, known.g0))
    }
  })
})

describe('problems of any number of variables', () => {
  test.each(paired(scalableProblems(), knownIn('scalable')))('%s', (_, problem, known) => {
    startsAsKnown(problem, known)
    expect(problem.minimum).toBe(known.fmin)
  })

  test.each(scalableProblems(9).map((problem) => [problem.name, problem] as const))(
    '%s: Newton finds the minimum',
    (name, problem) => {
      // From its usual start NONDIA leads to a local minimum, 0.99, as x₁ goes to 0.
      const start = name === 'nondia' ? tensor(Array.from({ length: 9 }, () => 0.9)) : concrete(problem.start)
      const { best } = minimumByNewton(problem.objective, start)
      if (problem.minimum !== undefined) expect(best.value).toBeCloseTo(problem.minimum, 8)
      else expect(name).toBe('engval1')
    },
  )

  test('the least value of ENGVAL1 is that of 100 variables', () => {
    const [engval1] = scalableProblems().filter(({ name }) => name === 'engval1') as [Problem<Value>]
    const { best } = minimumByNewton(engval1.objective, concrete(engval1.start))
    expect(best.value).toBeCloseTo(engval1.minimum as number, 10)
  })

  test('less than four variables are refused', () => {
    expect(() => scalableProblems(3)).toThrow('scalableProblems: got n = 3')
  })
})

describe('regressions of NIST', () => {
  test.each(right(readRegressions()).map((problem) => [problem.name, problem] as const))('%s', (_, problem) => {
    const { objective, certified, minimum, near, start, n } = problem
    expect([certified, near, start].map((b) => concrete(b).data.length)).toEqual([n, n, n])
    const [value, gradient] = valueAndGrad(objective)(certified as Value)
    expectNear(item(value), minimum, 1e-9)
    // The parameters have eleven digits: in units of each, little is left of the slopes at the near start.
    const inUnits = (slopes: Value): number =>
      Math.max(...concrete(slopes).data.map((slope, i) => Math.abs(slope * (certified.data[i] as number))))
    const [, before] = valueAndGrad(objective)(near as Value)
    expect(inUnits(gradient)).toBeLessThan(1e-5 * inUnits(before))
    const inUnitsOf = (u: Value): ReturnType<typeof objective> => objective(mul(certified, u))
    for (const place of [near, concrete(start)])
      expect(checkDerivative(inUnitsOf, div(place, certified))).toMatchObject({ agrees: true })
    const found = minimumByNewton(objective, near).best
    expectNear(found.value, minimum, 1e-9)
  })

  test('other text is refused', () => {
    const text = new TextDecoder().decode(right(readData('free/nist-strd.json')))
    expect(right(decodeRegressions(text))).toHaveLength(10)
    for (const other of [
      '',
      '{}',
      '[1]',
      '[{"name":"DanWood"}]',
      text.replace('"DanWood"', '"Dan"'),
      text.replace('92.9', '"92.9"'),
    ])
      expect(decodeRegressions(other)).toMatchObject({ left: { kind: 'malformed' } })
  })
})
