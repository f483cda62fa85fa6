import { describe, expect, test } from 'vitest'
import {
  type Code,
  cos,
  exp,
  expm1,
  f64x2,
  func,
  hostFunctions,
  inSingles,
  type LaneFunction,
  log,
  log1p,
  mapOf,
  sigmoid,
  sin,
  sinCos,
  tanh,
  tanhOne,
  v128,
} from '../src/wasm/index.ts'
import { exact, fixed, halfPi, log2, rough, scaledExp, ulps } from './exact.ts'
import { benchOf } from './wasm-memory.ts'

type Name = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'sigmoid' | 'sin' | 'cos'

/** A function of one double for each lane by itself. */
const oneByOne = (name: string, f: (x: Code<'f64'>) => Code<'f64'>): LaneFunction =>
  func(name, { x: 'v128' }, 'v128', ({ x }) =>
    f64x2.replace(f64x2.splat(f(f64x2.extract(x, 0))), 1, f(f64x2.extract(x, 1))),
  )

/** Kernels, and what they compute. */
const kernels: Readonly<Record<string, readonly [Name, LaneFunction]>> = {
  ...{ exp: ['exp', exp], expm1: ['expm1', expm1], log: ['log', log], log1p: ['log1p', log1p] },
  ...{ tanh: ['tanh', tanh], sigmoid: ['sigmoid', sigmoid], sin: ['sin', sin], cos: ['cos', cos] },
  'the sine of sinCos': ['sin', oneByOne('sinOne', (x) => f64x2.extract(sinCos.call({ x }), 0))],
  'the cosine of sinCos': ['cos', oneByOne('cosOne', (x) => f64x2.extract(sinCos.call({ x }), 1))],
  tanhOne: ['tanh', oneByOne('tanhLanes', (x) => tanhOne.call({ x }))],
}
const kernelOf = (kernel: string): readonly [Name, LaneFunction] => kernels[kernel] as readonly [Name, LaneFunction]

const bench = benchOf(
  Object.fromEntries(Object.entries(kernels).map(([kernel, [, f]]) => [kernel, mapOf(f)])),
  hostFunctions,
)

const apply = (kernel: string, x: readonly number[]): Float64Array => {
  const [px, py] = bench.place(Float64Array.from(x), new Float64Array(x.length)) as [number, number]
  bench.run(kernel, x.length, px, py)
  expect(bench.intact()).toBe(true)
  return bench.read(py, new Float64Array(x.length))
}

/** Numbers between 0 and 1 without a pattern. */
const fractions = (count: number, seed: number): readonly number[] => {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  })
}

const count = 100_000

/** Where a function is measured: evenly, and at sizes from tiny to large. */
const points: Readonly<Record<Name, (t: number, i: number) => number>> = {
  exp: (t, i) => (i % 2 === 0 ? 80 * t - 40 : (t - 0.5) * 2 ** -(i % 50)),
  expm1: (t, i) => (i % 2 === 0 ? 4 * t - 2 : (t - 0.5) * 2 ** (5 - (i % 50))),
  log: (t, i) => (i % 2 === 0 ? 0.5 + 1.5 * t : (1 + t) * 2 ** ((i % 120) - 60)),
  log1p: (t, i) => (i % 2 === 0 ? 3 * t - 0.999 : (i % 4 === 1 ? t : -t / 2) * 2 ** -(i % 50)),
  tanh: (t, i) => (i % 2 === 0 ? 6 * t - 3 : (t - 0.5) * 2 ** (5 - (i % 50))),
  sigmoid: (t, i) => (i % 2 === 0 ? 20 * t - 10 : 80 * t - 40),
  sin: (t, i) => (i % 2 === 0 ? 20 * t - 10 : (t - 0.5) * 2 ** (20 - (i % 40))),
  cos: (t, i) => (i % 2 === 0 ? 20 * t - 10 : (t - 0.5) * 2 ** (20 - (i % 40))),
}

/** The stated errors, in ulps. */
const stated: Readonly<Record<Name, number>> = {
  ...{ exp: 1, expm1: 1, log: 1, log1p: 1, tanh: 1.5, sigmoid: 2, sin: 1, cos: 1 },
}

const expectWithin = (kernel: string, x: readonly number[], exactAt: (x: number, i: number) => bigint): void => {
  const [name] = kernelOf(kernel)
  const found = apply(kernel, x)
  for (const [i, a] of x.entries()) {
    const error = ulps(found[i] as number, exactAt(a, i))
    if (!(error <= stated[name])) expect.fail(`${kernel}(${a}): ${error} ulps`)
  }
}

const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN]
const least = 5e-324
const special = [
  0,
  1,
  0.5,
  1e-310,
  least,
  2 ** -1022,
  2 ** -60,
  1e-17,
  1e-8,
  20,
  700,
  709.78,
  709.79,
  745.2,
  1e5,
  1e300,
  Number.MAX_VALUE,
  inf,
  nan,
]
const plain: Readonly<Record<Name, (x: number) => number>> = {
  ...{
    exp: Math.exp,
    expm1: Math.expm1,
    log: Math.log,
    log1p: Math.log1p,
    tanh: Math.tanh,
    sin: Math.sin,
    cos: Math.cos,
  },
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
}

describe.each(Object.keys(kernels))('%s', (kernel) => {
  const [name, f] = kernelOf(kernel)

  test('is within the stated ulps of the exact value', () => {
    expectWithin(kernel, fractions(count, 7).map(points[name]), exact[name])
  })

  test('at 0, tiny, huge and special arguments', () => {
    const x = special.flatMap((a) => [a, -a])
    const found = apply(kernel, x)
    for (const [i, a] of x.entries()) {
      const expected = plain[name](a)
      const y = found[i] as number
      // Where the value is exact it has to be; elsewhere both are within their ulps.
      const near = Math.abs(y - expected) <= Math.max(4 * Math.abs(expected) * 2 ** -53, least)
      const exactly = expected === 0 || expected === a || !Number.isFinite(expected) || Math.abs(expected) === 1
      if (exactly ? !Object.is(y, expected) : !near) expect.fail(`${kernel}(${a}): ${y} for ${expected}`)
    }
  })

  test('an entry does not depend on its neighbours', () => {
    const x = [...special, ...fractions(40, 3).map(points[name]), -inf]
    const alone = x.map((a) => apply(kernel, [a])[0] as number)
    expect([...apply(kernel, x)]).toEqual(alone)
    expect([...apply(kernel, x.slice(1))]).toEqual(alone.slice(1))
  })

  test('for four singles at once: computed in double, rounded once', () => {
    const singles = inSingles(f)
    const inner = func('f', { x: 'i32', y: 'i32' }, 'none', ({ x, y }) =>
      v128.store(y, singles.call({ x: v128.load(x) })),
    )
    const four = benchOf({ f: inner }, hostFunctions)
    const values = [...special, ...fractions(41, 5).map(points[name])].map(Math.fround)
    for (let i = 0; i + 4 <= values.length; i += 4) {
      const x = Float32Array.from(values.slice(i, i + 4))
      const [px, py] = four.place(x, x) as [number, number]
      four.run('f', px, py)
      expect(four.read(py, x)).toEqual(Float32Array.from(apply(kernel, [...x])))
    }
  })
})

test('exp over its whole range', () => {
  const x = fractions(5_000, 11).map((t) => 1416 * t - 707)
  const powers = x.map((a) => scaledExp(fixed(a)))
  const found = apply('exp', x)
  for (const [i, [p, n]] of powers.entries()) {
    const half = Number(n) / 2
    const error = ulps((found[i] as number) / 2 ** Math.floor(half) / 2 ** Math.ceil(half), p)
    if (!(error <= stated.exp)) expect.fail(`exp(${x[i]}): ${error} ulps`)
  }
})

test('log over all exponents', () => {
  const mantissas = fractions(4_000, 13).map((t) => 1 + t)
  const exponents = mantissas.map((_, i) => (i % 2046) - 1022)
  const x = mantissas.map((m, i) => m * 2 ** (exponents[i] as number))
  expectWithin('log', x, (_, i) => exact.log(mantissas[i] as number) + BigInt(exponents[i] as number) * log2)
  const tiny = [1, 3, 1234567, 2 ** 51 - 1]
  expectWithin(
    'log',
    tiny.map((m) => m * least),
    (_, i) => exact.log(tiny[i] as number) - 1074n * log2,
  )
})

const turning = Object.keys(kernels).filter((kernel) => ['sin', 'cos'].includes(kernelOf(kernel)[0]))

test.each(turning)('%s beside multiples of π/2', (kernel) => {
  const x = Array.from({ length: 3_000 }, (_, i) => rough(BigInt(i * 211 - 300_000) * halfPi))
  expectWithin(kernel, x, exact[kernelOf(kernel)[0]])
})

test.each(turning)('%s near multiples of π/2, as far off as its reductions change', (kernel) => {
  const x = fractions(4_000, 17).map((t, i) => {
    const n = 2 ** (i % 19)
    return rough(BigInt(n) * halfPi) * (1 + (t - 0.5) * 2 ** -(15 + (i % 9)))
  })
  expectWithin(kernel, x, exact[kernelOf(kernel)[0]])
})

test('sinCos has the bits of sin and cos', () => {
  const x = [...fractions(40_000, 29).map(points.sin), ...special]
  expect(apply('the sine of sinCos', x)).toEqual(apply('sin', x))
  expect(apply('the cosine of sinCos', x)).toEqual(apply('cos', x))
})

test.each(turning)('%s beside a multiple of π/2 in the other lane is the same', (kernel) => {
  const x = fractions(20_000, 23).map((t) => 2000 * t - 1000)
  const beside = (neighbour: number): Float64Array =>
    apply(
      kernel,
      x.flatMap((a) => [a, neighbour]),
    ).filter((_, i) => i % 2 === 0)
  expect(beside(Math.PI)).toEqual(beside(1))
})

test.each(turning)("%s beyond a million is the host's", (kernel) => {
  const x = [1.0000001e6, -3e8, 1e22, 2 ** 1000, 5, -1e300]
  const found = apply(kernel, x)
  const host = kernelOf(kernel)[0] === 'sin' ? Math.sin : Math.cos
  for (const [i, a] of x.entries()) if (Math.abs(a) > 1e6) expect(found[i]).toBe(host(a))
})

test('tanhOne where its two forms meet', () => {
  expectWithin(
    'tanhOne',
    fractions(40_000, 19).map((t) => 0.7 + 0.4 * t),
    exact.tanh,
  )
})

test('the exact functions know what is known', () => {
  expect(rough(log2)).toBe(Math.LN2)
  expect(rough(halfPi)).toBe(Math.PI / 2)
  expect(rough(exact.exp(1))).toBe(Math.E)
  expect(rough(exact.log(10))).toBe(Math.LN10)
  expect(ulps(Math.SQRT1_2, exact.sin(Math.PI / 4))).toBeLessThan(1.1)
  expect(ulps(1, fixed(1 + 2 ** -51))).toBe(2)
})
