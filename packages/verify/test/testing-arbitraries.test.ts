/** What the arbitraries promise: values by construction, small when shrunk, printed as the call that makes them. */
import { concrete } from '@secant/autodiff'
import { matmul, norm, sub, toNested } from '@secant/linalg'
import { drive, type Method, type Point, rayFrom } from '@secant/optim'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  callOf,
  cauchy,
  convexProblems,
  diagonals,
  displacements,
  isAtMost,
  isClose,
  isResolved,
  type KnownProblem,
  logistic,
  logSumExpLoss,
  nonConvexProblems,
  permutation,
  propertiesOf,
  quadratic,
  quadratics,
  randomPolicies,
  rotation,
  roundingOf,
  scalingOfValues,
  scalingOfVariables,
  searches,
  signals,
  smoothProblems,
  spdMatrices,
  spectra,
  startedAt,
  stepOf,
  translation,
  vector,
  waves,
  windowFractions,
} from '../src/testing/index.ts'
import { eigenvaluesOf } from './suite-matrices.ts'

describe('spectra', () => {
  test('have their ends where they are said to be', () => {
    fc.assert(
      fc.property(spectra({ maxN: 6, maxCondition: 1e3 }), (spectrum) => {
        expect(Math.min(...spectrum)).toBe(spectrum[0])
        expect(Math.max(...spectrum)).toBe(spectrum.at(-1))
        expect((spectrum.at(-1) as number) / (spectrum[0] as number)).toBeLessThanOrEqual(1e3 * 1.005)
      }),
    )
  })

  test('are those of the matrices, however turned', () => {
    fc.assert(
      fc.property(quadratics({ maxN: 6, maxCondition: 1e3 }), ({ hessian, spectrum, known }) => {
        const found = eigenvaluesOf(hessian)
        expect(isClose(Math.min(...found), known.mu ?? 0, 1e-10)).toBe(true)
        expect(isClose(Math.max(...found), known.L, 1e-10)).toBe(true)
        expect(known.L).toBe(Math.max(...spectrum))
      }),
    )
  })

  test('of all sizes occur, from 1 to the largest condition', () => {
    const conditions = fc.sample(spdMatrices({ maxN: 4, maxCondition: 100 }), 200).map((a) => {
      const found = eigenvaluesOf(a)
      return Math.max(...found) / Math.min(...found)
    })
    expect(Math.min(...conditions)).toBeCloseTo(1, 10)
    expect(Math.max(...conditions)).toBeCloseTo(100, 0)
  })
})

describe('printing', () => {
  const constructors = { quadratic, logistic, logSumExpLoss, waves, cauchy }

  test('a problem prints as the call that makes it', () => {
    fc.assert(
      fc.property(smoothProblems(), (problem) => {
        expect(fc.stringify(problem)).toBe(problem.name)
        const names = Object.keys(constructors)
        const again = new Function(...names, `return ${problem.name}`)(...Object.values(constructors)) as KnownProblem
        expect(again.name).toBe(problem.name)
        expect(again.known).toEqual(problem.known)
        expect(again.measured.point(again.start)).toEqual(problem.measured.point(problem.start))
      }),
      { numRuns: 60 },
    )
  })

  test('so do vectors, matrices, searches, policies and changes', () => {
    expect(fc.stringify(vector([1, 0.5]))).toBe('tensor([1, 0.5])')
    expect(fc.stringify(fc.sample(spdMatrices(), 1)[0])).toMatch(/^symmetric\(\{ spectrum: \[.*\], turn: \d+ \}\)$/)
    for (const search of fc.sample(searches(), 20)) expect(fc.stringify(search)).toMatch(/^[a-zA-Z]+\(.*\)$/)
    expect(fc.stringify(fc.sample(randomPolicies(), 1)[0])).toMatch(
      /^randomPolicy\(\{ hidden: \d, seed: \d+, size: .* \}\)$/,
    )
    for (const { changes } of [translation, rotation, permutation, scalingOfValues, scalingOfVariables])
      expect(fc.stringify(fc.sample(changes(2), 1)[0])).toMatch(/^[a-zA-Z]+\(.*\)$/)
    expect(fc.stringify(startedAt(quadratic({ spectrum: [2] }), vector([3])))).toMatch(
      /^startedAt\(quadratic\(.*\), \[3\]\)$/,
    )
    expect(callOf('f', { a: [1, 2], b: { c: 3 } }, 4)).toBe('f({ a: [1, 2], b: { c: 3 } }, 4)')
  })
})

describe('shrinking', () => {
  const smallest = <A>(draws: fc.Arbitrary<A>): unknown => {
    const details = fc.check(fc.property(draws, () => false))
    return (details.counterexample as readonly unknown[])[0]
  }

  test('ends at one variable and simple numbers', () => {
    expect(fc.stringify(smallest(quadratics({ maxN: 20, maxCondition: 1e6 })))).toBe(
      'quadratic({ spectrum: [1], turn: 0, minimizer: [0], start: [1] })',
    )
    expect(fc.stringify(smallest(convexProblems()))).toMatch(/^\w+\(\{ .*minimizer: \[0\], start: \[1\] \}\)$/)
    expect(fc.stringify(smallest(nonConvexProblems()))).toMatch(
      /^\w+\(\{ rows: \[\[1\]\], minimizer: \[0\], start: \[1\] \}\)$/,
    )
    expect(fc.stringify(smallest(randomPolicies()))).toBe('randomPolicy({ hidden: 1, seed: 0, size: 0 })')
    expect(fc.stringify(smallest(diagonals(2)))).toBe('tensor([1, 1])')
    expect(fc.stringify(smallest(displacements(2)))).toBe('[tensor([1, 0])]')
    expect(smallest(signals())).toEqual([1])
    expect(smallest(windowFractions)).toBe(1)
  })

  test('keeps what matters: a failure that needs a condition above 5 ends just beyond it', () => {
    const details = fc.check(
      fc.property(quadratics({ maxN: 8, maxCondition: 1e4 }), ({ known }) => known.L <= 5 * (known.mu ?? 0)),
    )
    const [problem] = details.counterexample as [KnownProblem]
    expect(problem.n).toBe(2)
    expect(problem.known.L / (problem.known.mu ?? 0)).toBeLessThan(10)
  })
})

describe('changes', () => {
  test('keep values and carry minimizers, and can be taken back', () => {
    const draws = convexProblems().chain((problem) =>
      fc
        .constantFrom(translation, rotation, permutation, scalingOfValues, scalingOfVariables)
        .chain(({ changes }) => changes(problem.n).map((change) => ({ problem, change }))),
    )
    fc.assert(
      fc.property(draws, ({ problem, change }) => {
        const there = concrete(change.back(change.to(problem.start)))
        expect(norm(sub(there, problem.start))).toBeLessThanOrEqual(1e-12 * (1 + norm(problem.start)))
      }),
    )
  })

  test('rotations are orthogonal', () => {
    fc.assert(
      fc.property(rotation.changes(3), ({ to }) => {
        const q = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => toNested(concrete(to(vector(axis)))) as number[]) // biome-ignore format: axes
        const flat = { dtype: 'float64', shape: [3, 3], data: Float64Array.from(q.flat()) } as const
        const product = matmul(flat, flat, { transposeB: true })
        for (const [i, value] of product.data.entries()) expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 12)
      }),
    )
  })
})

test('searches keep their promise at the start of any problem', () => {
  fc.assert(
    fc.property(smoothProblems(), searches(), ({ measured, start }, { search, promise }) => {
      const from = measured.point(start)
      const direction = sub(vector([...from.x.data].map(() => 0)), from.grad)
      const found = drive(measured, search(...rayFrom(from, direction)))
      if (E.isLeft(found)) return
      const trial = stepOf(from, found.right.to)
      expect(promise.slack(trial)).toBeGreaterThanOrEqual(-roundingOf(trial))
    }),
    { numRuns: 200 },
  )
})

describe('tolerances', () => {
  test('allow for rounding and for nothing else', () => {
    expect([isAtMost(1 + 1e-7, 1), isAtMost(1 + 1e-5, 1), isAtMost(1e-13, 0), isAtMost(1e-9, 0, 1e6)]).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect([isAtMost(Number.NaN, 1), isAtMost(1, Number.NaN)]).toEqual([false, false])
    expect([isResolved(1 + 1e-8, 1), isResolved(1 + 1e-10, 1), isResolved(5, 5)]).toEqual([true, false, false])
  })
})

test('mistakes are named', () => {
  expect(() => quadratic({ spectrum: [1, 2], start: [1] })).toThrow('needs 1, as many as the start')
  expect(() => logistic({ rows: [] })).toThrow('logistic: got no rows')
  expect(() => logSumExpLoss({ rows: [[1]], shifts: [] })).toThrow('needs one each')
  expect(() => diagonals(2, { least: 1.5 })).toThrow('needs an interval around 1')
  const closed: Method<() => Point> = {
    name: 'closed',
    init: (start) => () => start,
    at: (state) => state(),
    // biome-ignore lint/correctness/useYield: it asks for nothing
    *step(state) {
      return E.right(state)
    },
  }
  const law = propertiesOf(closed).find(({ name }) => name === 'a saved state goes on to the same bits')
  const details = fc.check(law?.property as fc.IProperty<unknown>)
  expect(String(details.errorInstance)).toContain('state: got a function in it; needs plain data')
})
