import fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import * as S from 'fp-ts/lib/State.js'
import { describe, expect, test } from 'vitest'
import {
  bernoulli,
  categorical,
  type Draw,
  type DType,
  drawing,
  exponential,
  type FloatType,
  foldIn,
  gumbel,
  type Key,
  key,
  normal,
  permutation,
  randint,
  type Shape,
  sizeOf,
  split,
  type Tensor,
  tensor,
  toNested,
  uniform,
  unitRoundoff,
  zeros,
} from '../src/index.ts'
import { bits32, bits64 } from '../src/random/bits.ts'
import { erfinv, erfinv32 } from '../src/random/erfinv.ts'
import { threefry, type Words } from '../src/random/threefry.ts'
import jax from './fixtures/jax-random.json' with { type: 'json' }

const word: fc.Arbitrary<number> = fc.nat({ max: 2 ** 32 - 1 })
const words: fc.Arbitrary<Words> = fc.tuple(word, word)
const shapes: fc.Arbitrary<Shape> = fc.array(fc.nat({ max: 3 }), { maxLength: 3 })
const floats: readonly FloatType[] = ['float64', 'float32']

const keyOf = (pair: readonly number[]): Key => [pair[0] as number, pair[1] as number]
const numbers = (t: Tensor): readonly number[] => Array.from(t.data)

describe('Threefry', () => {
  test('known answers of its authors', () => {
    expect(threefry([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe])
    expect(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7])
    expect(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0])
  })

  /** The rounds run backwards, in integers without bounds. */
  const unscramble = ([k0, k1]: Words, output: Words): Words => {
    const size = 2n ** 32n
    const wrap = (a: bigint): bigint => ((a % size) + size) % size
    const schedule = [k0, k1, (k0 ^ k1 ^ 0x1bd11bda) >>> 0].map(BigInt)
    const turns = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n]
    let [x, y] = [BigInt(output[0]), BigInt(output[1])]
    for (let round = 20; round > 0; round--) {
      const group = round / 4
      if (Number.isInteger(group)) {
        x = wrap(x - (schedule[group % 3] as bigint))
        y = wrap(y - (schedule[(group + 1) % 3] as bigint) - BigInt(group))
      }
      const turn = turns[(round - 1) % 8] as bigint
      const mixed = x ^ y
      y = wrap(mixed << (32n - turn)) | (mixed >> turn)
      x = wrap(x - y)
    }
    return [Number(wrap(x - (schedule[0] as bigint))), Number(wrap(y - (schedule[1] as bigint)))]
  }

  test('is one to one under every key, into pairs of words', () => {
    fc.assert(
      fc.property(words, words, (k, counter) => {
        const output = threefry(k, counter)
        for (const part of output) expect(part).toBe(part >>> 0)
        expect(unscramble(k, output)).toEqual(counter)
      }),
    )
  })
})

describe('numbers that JAX printed', () => {
  test('bits', () => {
    for (const { key: k, values } of jax.bits) expect(Array.from(bits32(keyOf(k), values.length))).toEqual(values)
  })

  test('split and foldIn', () => {
    for (const { key: k, children } of jax.split) expect(split(keyOf(k), children.length)).toEqual(children)
    for (const { key: k, first, children } of jax.foldIn)
      expect(children.map((_, i) => foldIn(keyOf(k), first + i))).toEqual(children)
  })

  // A float32 is printed in as few digits as tell it from its neighbours.
  const printed = (values: readonly number[], dtype: string): readonly number[] =>
    dtype === 'float32' ? values.map(Math.fround) : values

  test('uniform and normal, to the last bit', () => {
    for (const [sample, cases] of [
      [uniform, jax.uniform],
      [normal, jax.normal],
    ] as const)
      for (const { key: k, dtype, values } of cases)
        expect(numbers(sample(keyOf(k), [values.length], { dtype: dtype as FloatType }))).toEqual(
          printed(values, dtype),
        )
  })

  test('a chain of draws', () => {
    const draw = drawing((k) => normal(k, [], { dtype: 'float32' }).data[0] as number)
    const chain = S.sequenceArray([draw, draw, draw])
    expect(S.evaluate(keyOf(jax.draws.key))(chain)).toEqual(jax.draws.values)
  })

  test('exponential and gumbel, to the digits given', () => {
    const { rates, values, key: k } = jax.exponential
    numbers(exponential(keyOf(k), [3])).forEach((x, i) => {
      expect(x / (rates[i] as number)).toBeCloseTo(values[i] as number, 8)
    })
    const [x] = numbers(gumbel(keyOf(jax.gumbel.key), []))
    expect((x as number) + jax.gumbel.location).toBeCloseTo(jax.gumbel.values[0] as number, 5)
  })

  test('randint, permutation and categorical', () => {
    for (const { key: k, min, max, values } of jax.randint)
      expect(numbers(randint(keyOf(k), [values.length], min, max))).toEqual(values)
    for (const { key: k, values } of jax.permutation)
      expect(numbers(permutation(keyOf(k), values.length))).toEqual(values)
    for (const { key: k, logits, values } of jax.categorical)
      expect(numbers(categorical(keyOf(k), tensor(logits), [values.length]))).toEqual(values)
  })
})

describe('keys', () => {
  test('a seed is 64 bits in two’s complement', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => {
        const [high, low] = key(seed)
        expect(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))).toBe(BigInt(seed))
      }),
    )
    expect(key(-1)).toEqual([2 ** 32 - 1, 2 ** 32 - 1])
  })

  test('are plain data', () => {
    expect(JSON.parse(JSON.stringify(split(key(5), 3)))).toEqual(split(key(5), 3))
  })

  test('children differ from each other and from their parent', () => {
    fc.assert(
      fc.property(words, (k) => {
        const family = [k, ...split(k, 64)].map((member) => member.join())
        expect(new Set(family).size).toBe(65)
      }),
    )
  })

  test('split(k, n)[i] is foldIn(k, i), whatever n', () => {
    fc.assert(
      fc.property(words, fc.nat({ max: 20 }), (k, count) => {
        expect(split(k, count)).toEqual(Array.from({ length: count }, (_, i) => foldIn(k, i)))
      }),
    )
    expect(split(key(0))).toEqual(split(key(0), 2))
  })

  test.each([0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('seed %s is refused', (seed) => {
    expect(() => key(seed)).toThrow(`key: got seed ${seed}; needs`)
  })

  test.each([-1, 0.5, 2 ** 32, Number.NaN])('count or number %s is refused', (n) => {
    expect(() => split(key(0), n)).toThrow(`split: got count ${n}; needs`)
    expect(() => foldIn(key(0), n)).toThrow(`foldIn: got ${n}; needs`)
  })
})

/** Every sampler of a shape, with its dtype. */
const samplers: Readonly<Record<string, readonly [(k: Key, shape: Shape) => Tensor, DType]>> = {
  ...Object.fromEntries(
    Object.entries({ uniform, normal, exponential, gumbel }).flatMap(([name, sample]) =>
      floats.map((dtype) => [`${name} ${dtype}`, [(k: Key, shape: Shape) => sample(k, shape, { dtype }), dtype]]),
    ),
  ),
  randint: [(k, shape) => randint(k, shape, -3, 1000), 'int32'],
  bernoulli: [(k, shape) => bernoulli(k, 0.5, shape), 'bool'],
  categorical: [(k, shape) => categorical(k, zeros([5]), shape), 'int32'],
}

describe.each(Object.entries(samplers))('%s', (_, [sample, dtype]) => {
  test('one key, one tensor; shapes only arrange it; empty ones and scalars too', () => {
    fc.assert(
      fc.property(words, shapes, (k, shape) => {
        const x = sample(k, shape)
        expect(x.dtype).toBe(dtype)
        expect(x.shape).toEqual(shape)
        expect(x).toEqual(sample(k, shape))
        expect(x.data).toEqual(sample(k, [sizeOf(shape)]).data)
      }),
    )
  })

  test('longer tensors begin with shorter ones', () => {
    fc.assert(
      fc.property(words, fc.nat({ max: 20 }), fc.nat({ max: 20 }), (k, n, more) => {
        expect(sample(k, [n + more]).data.slice(0, n)).toEqual(sample(k, [n]).data)
      }),
    )
  })

  test('another key, other numbers', () => {
    const [a, b] = split(key(7))
    expect(sample(a, [64]).data).not.toEqual(sample(b, [64]).data)
  })
})

// Were the bits random, each number checked below would pass with probability 1 − risk; the seeds are fixed.
const risk = 1e-6
const size = 20_000

/** Massart (1990): what the distance of n numbers' distribution function from their own law exceeds at most so often. */
const kolmogorovBound = (n: number): number => Math.sqrt(Math.log(2 / risk) / (2 * n))

const kolmogorovDistance = (x: Tensor, cdf: (value: number) => number): number => {
  const sorted = Float64Array.from(x.data).sort()
  const n = sorted.length
  return sorted.reduce((most, value, i) => Math.max(most, (i + 1) / n - cdf(value), cdf(value) - i / n), 0)
}

/** Laurent and Massart (2000), lemma 1: what χ² of some degrees of freedom exceeds at most so often. */
const chiSquaredBound = (degrees: number): number => {
  const t = Math.log(1 / risk)
  return degrees + 2 * Math.sqrt(degrees * t) + 2 * t
}

/** Pearson's χ² of how often each number below the count of probabilities occurs. */
const chiSquared = (values: Iterable<number>, probabilities: readonly number[]): number => {
  const observed = new Float64Array(probabilities.length)
  let total = 0
  for (const value of values) {
    observed[value] = (observed[value] as number) + 1
    total++
  }
  return probabilities.reduce((sum, p, i) => sum + ((observed[i] as number) - total * p) ** 2 / (total * p), 0)
}

/** What a normal number exceeds less often, P(|z| > t) < 2 exp(−t² / 2); averages of so many are nearly normal. */
const deviates = Math.sqrt(2 * Math.log(2 / risk))

const even = (count: number): readonly number[] => new Array<number>(count).fill(1 / count)

/** erf by Kummer's series, whose terms are all positive. */
const erf = (x: number): number => {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 2 ** -54; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

interface Law {
  readonly sample: (k: Key, shape: Shape, options: { readonly dtype: FloatType }) => Tensor
  readonly cdf: (x: number) => number
  readonly mean: number
  readonly variance: number
  /** Fourth central moment over the squared variance. */
  readonly kurtosis: number
}

const laws: Readonly<Record<string, Law>> = {
  uniform: { sample: uniform, cdf: (x) => x, mean: 1 / 2, variance: 1 / 12, kurtosis: 9 / 5 },
  'uniform on [−3, 5)': {
    sample: (k, shape, { dtype }) => uniform(k, shape, { min: -3, max: 5, dtype }),
    cdf: (x) => (x + 3) / 8,
    mean: 1,
    variance: 64 / 12,
    kurtosis: 9 / 5,
  },
  normal: { sample: normal, cdf: (x) => (1 + erf(x / Math.SQRT2)) / 2, mean: 0, variance: 1, kurtosis: 3 },
  exponential: { sample: exponential, cdf: (x) => -Math.expm1(-x), mean: 1, variance: 1, kurtosis: 9 },
  gumbel: {
    sample: gumbel,
    cdf: (x) => Math.exp(-Math.exp(-x)),
    mean: 0.5772156649015329,
    variance: Math.PI ** 2 / 6,
    kurtosis: 27 / 5,
  },
}

describe.each(Object.entries(laws))('law: %s', (_, { sample, cdf, mean, variance, kurtosis }) => {
  test.each(floats)('%s follows its distribution function', (dtype) => {
    for (const k of split(key(1), 5))
      expect(kolmogorovDistance(sample(k, [size], { dtype }), cdf)).toBeLessThan(kolmogorovBound(size))
  })

  test('mean and variance', () => {
    for (const k of split(key(2), 5)) {
      const x = numbers(sample(k, [size], { dtype: 'float64' })).map((value) => value - mean)
      const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / size
      expect(Math.abs(average(x))).toBeLessThan(deviates * Math.sqrt(variance / size))
      const spread = variance * Math.sqrt((kurtosis - 1) / size)
      expect(Math.abs(average(x.map((value) => value ** 2)) - variance)).toBeLessThan(deviates * spread)
    }
  })

  test('siblings, parent and child, and neighbours are uncorrelated', () => {
    const draw = (k: Key): readonly number[] => numbers(sample(k, [size], { dtype: 'float64' }))
    const parent = key(3)
    const [a, b] = split(parent)
    const x = draw(a)
    for (const y of [draw(b), draw(parent), [...x.slice(1), x[0] as number]]) {
      const products = x.reduce((sum, value, i) => sum + (value - mean) * ((y[i] as number) - mean), 0)
      expect(Math.abs(products / (variance * size))).toBeLessThan(deviates / Math.sqrt(size))
    }
  })
})

test('the extreme fractions give finite numbers', () => {
  // Seeds whose first 32 bits begin with 23 zeros, and with 23 ones.
  const [least, greatest] = [key(780_233), key(20_192_286)]
  const options = { dtype: 'float32' } as const
  expect(uniform(least, [], options).data[0]).toBe(0)
  expect(uniform(greatest, [], options).data[0]).toBe(1 - 2 ** -23)
  for (const sample of [normal, exponential, gumbel])
    for (const k of [least, greatest]) expect(sample(k, [], options).data[0]).toSatisfy(Number.isFinite)
})

describe('bits', () => {
  test('each of 64 is a fair coin, and flips with each bit of the key half of the time', () => {
    const bitsOf = (high: number, low: number): readonly number[] =>
      Array.from({ length: 64 }, (_, i) => ((i < 32 ? low >>> i : high >>> (i - 32)) & 1) as number)
    const n = 4096
    const bound = chiSquaredBound(1)
    const fair = (ones: number): number => (2 * ones - n) ** 2 / n
    const count = new Float64Array(64)
    const { high, low } = bits64(key(11), n)
    for (let i = 0; i < n; i++)
      bitsOf(high[i] as number, low[i] as number).forEach((bit, place) => {
        count[place] = (count[place] as number) + bit
      })
    for (const ones of count) expect(fair(ones)).toBeLessThan(bound)
    for (let flipped = 0; flipped < 64; flipped++) {
      const mask = 2 ** (flipped % 32)
      const other = bits64(flipped < 32 ? [0, (11 ^ mask) >>> 0] : [mask, 11], n)
      let changes = 0
      for (let i = 0; i < n; i++)
        for (const bit of bitsOf(
          (high[i] as number) ^ (other.high[i] as number),
          (low[i] as number) ^ (other.low[i] as number),
        ))
          changes += bit
      expect((2 * changes - 64 * n) ** 2 / (64 * n)).toBeLessThan(bound)
    }
  })
})

describe('uniform', () => {
  test.each([
    ['float64', 52],
    ['float32', 23],
  ] as const)('%s on [0, 1): multiples of 2^−%i, with the low bits in use', (dtype, digits) => {
    const steps = numbers(uniform(key(4), [size], { dtype })).map((x) => x * 2 ** digits)
    for (const step of steps) expect(Number.isInteger(step) && step >= 0 && step < 2 ** digits).toBe(true)
    expect(
      chiSquared(
        steps.map((step) => step % 8),
        even(8),
      ),
    ).toBeLessThan(chiSquaredBound(7))
  })

  test('stays between min and max', () => {
    const interval = fc.tuple(
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      fc.double({ noNaN: true, min: 1e-3, max: 1e6 }),
    )
    fc.assert(
      fc.property(words, interval, fc.constantFrom(...floats), (k, [min, width], dtype) => {
        const round = dtype === 'float32' ? Math.fround : (x: number): number => x
        const max = min + width
        fc.pre(round(min) < round(max))
        for (const x of numbers(uniform(k, [32], { min, max, dtype }))) {
          expect(x).toBeGreaterThanOrEqual(round(min))
          expect(x).toBeLessThanOrEqual(round(max))
        }
      }),
    )
  })

  test.each([
    [1, 1],
    [2, 1],
    [0, Number.POSITIVE_INFINITY],
    [-1.5e308, 1.5e308],
    [0, Number.NaN],
  ])('[%s, %s) is refused', (min, max) => {
    expect(() => uniform(key(0), [1], { min, max })).toThrow(`uniform: got [${min}, ${max}) in float64; needs`)
  })

  test('an interval that is empty in float32 is refused there', () => {
    expect(numbers(uniform(key(0), [1], { min: 1, max: 1 + 2 ** -30 }))).toHaveLength(1)
    expect(() => uniform(key(0), [1], { min: 1, max: 1 + 2 ** -30, dtype: 'float32' })).toThrow('in float32')
  })
})

describe('the inverse error function', () => {
  const digits = 300n
  const unit = 1n << digits
  const fixed = (x: number): bigint => {
    // Doubles below 8 are multiples of 2⁻¹⁰⁷⁴; those used here, of 2⁻²⁰⁰.
    const scaled = x * 2 ** 200
    return BigInt(scaled) << (digits - 200n)
  }
  const root = (a: bigint): bigint => {
    let x = 1n << BigInt((a.toString(2).length / 2 + 1) | 0)
    for (;;) {
      const next = (x + a / x) >> 1n
      if (next >= x) return x
      x = next
    }
  }
  /** π by Machin's formula. */
  const arctanOfInverse = (n: bigint): bigint => {
    let [power, sum] = [unit / n, 0n]
    for (let k = 1n; power !== 0n; k += 2n, power /= -n * n) sum += power / k
    return sum
  }
  const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n))
  const rootPi = root(pi * unit)

  /** erf by its Taylor series in fixed point; 300 binary digits outlast the cancellation up to 8. */
  const exactErf = (x: number): bigint => {
    const y = fixed(x)
    const square = (y * y) >> digits
    let [term, sum] = [y, y]
    for (let n = 1n; term !== 0n; n++) {
      term = -((term * square) >> digits) / n
      sum += term / (2n * n + 1n)
    }
    return (2n * sum * unit) / rootPi
  }

  /** How far y is from erf⁻¹ of the root of a number, over y. */
  const distance = (y: number, square: number): number => {
    const miss = exactErf(y) - root(fixed(square) << digits)
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-y * y)
    return Math.abs(Number((miss << 100n) >> digits) / 2 ** 100 / (slope * y))
  }

  const inputs: fc.Arbitrary<number> = fc
    .oneof(
      fc.double({ min: 1e-10, max: 1, maxExcluded: true, noNaN: true }),
      fc
        .integer({ min: 1, max: 53 })
        .chain((k) => fc.double({ min: 0.5, max: 1, noNaN: true }).map((f) => 1 - f * 2 ** -k)),
    )
    .filter((x) => x < 1)

  // The square of x, once rounded, is all that the formulas see: they are judged by it.

  test('double precision: 1e-15', () => {
    fc.assert(
      fc.property(inputs, (x) => {
        const y = erfinv(x)
        expect(distance(y, x * x)).toBeLessThan(1e-15)
        expect(erfinv(-x)).toBe(-y)
      }),
      { numRuns: 2000 },
    )
  })

  test('single precision: 4 unit roundoffs', () => {
    const u = unitRoundoff('float32')
    fc.assert(
      fc.property(inputs.map(Math.fround), (x) => {
        fc.pre(x < 1)
        const y = erfinv32(x)
        expect(y).toBe(Math.fround(y))
        expect(distance(y, Math.fround(x * x))).toBeLessThan(4 * u)
        expect(erfinv32(-x)).toBe(-y)
      }),
      { numRuns: 2000 },
    )
  })

  test('where polynomials meet, and at 0', () => {
    for (const w of [6.25, 16]) {
      const x = Math.sqrt(-Math.expm1(-w))
      for (const near of [x * (1 - 1e-9), x, Math.min(x * (1 + 1e-9), 1 - 2 ** -52)])
        expect(distance(erfinv(near), near * near)).toBeLessThan(1e-15)
    }
    expect(erfinv(0)).toBe(0)
  })
})

describe('randint', () => {
  test.each([2, 7, 10, 1000])('is even below %i', (span) => {
    const values = numbers(randint(key(5), [size], 0, span))
    expect(chiSquared(values, even(span))).toBeLessThan(chiSquaredBound(span - 1))
  })

  test('is 64 bits modulo the span up to 2¹⁶, and 32 beyond', () => {
    const spans = fc.oneof(fc.integer({ min: 1, max: 2 ** 16 }), fc.integer({ min: 1, max: 2 ** 31 }))
    fc.assert(
      fc.property(words, fc.integer({ min: -(2 ** 31), max: 0 }), spans, (k, min, span) => {
        const [first, second] = split(k)
        const [high, low] = [first, second].map((child) => BigInt(bits32(child, 3)[2] as number)) as [bigint, bigint]
        const bits = span <= 2 ** 16 ? (high << 32n) | low : low
        expect(randint(k, [3], min, min + span).data[2]).toBe(min + Number(bits % BigInt(span)))
      }),
    )
  })

  test('wide spans stay inside, and the widest is 32 bits', () => {
    fc.assert(
      fc.property(words, fc.integer(), fc.integer(), (k, a, b) => {
        fc.pre(a !== b)
        const [min, max] = [Math.min(a, b), Math.max(a, b)]
        for (const value of randint(k, [16], min, max).data) expect(value >= min && value < max).toBe(true)
      }),
    )
    const [, low] = split(key(6))
    const all = randint(key(6), [100], -(2 ** 31), 2 ** 31)
    expect(numbers(all)).toEqual(Array.from(bits32(low, 100), (bits) => bits - 2 ** 31))
  })

  test.each([
    [1, 1],
    [2, 1],
    [0.5, 2],
    [0, 2 ** 31 + 1],
    [-(2 ** 31) - 1, 0],
    [Number.NaN, 1],
  ])('[%s, %s) is refused', (min, max) => {
    expect(() => randint(key(0), [1], min, max)).toThrow(`randint: got [${min}, ${max}); needs`)
  })
})

describe('permutation', () => {
  test('has each number below n once', () => {
    fc.assert(
      fc.property(words, fc.nat({ max: 200 }), (k, n) => {
        const order = permutation(k, n)
        expect(order.dtype).toBe('int32')
        expect(numbers(order).toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
      }),
    )
  })

  test('all 24 orders of 4 are equally often', () => {
    const orders = split(key(8), 12_000).map((k) => permutation(k, 4).data)
    // The digits of an order in the factorial system.
    const rank = (order: ArrayLike<number>): number =>
      Array.from(order).reduce((sum, a, i, all) => sum * (4 - i) + all.slice(i + 1).filter((b) => b < a).length, 0)
    expect(chiSquared(orders.map(rank), even(24))).toBeLessThan(chiSquaredBound(23))
  })

  test('sorts by fresh bits of a chain of keys, more than once above 1625', () => {
    const plain = (k: Key, n: number): readonly number[] => {
      let [order, rest] = [Array.from({ length: n }, (_, i) => i), k]
      for (let spent = 0; spent < 3 * Math.log(n); spent += Math.log(2 ** 32 - 1)) {
        const [next, child] = split(rest)
        const bits = Array.from(bits32(child, n))
        const ranked = order.map((value, i) => ({ value, bits: bits[i] as number }))
        order = ranked.toSorted((a, b) => a.bits - b.bits).map(({ value }) => value)
        rest = next
      }
      return order
    }
    for (const n of [1, 2, 1625, 1626, 5000]) expect(numbers(permutation(key(n), n))).toEqual(plain(key(n), n))
  })

  test('of many, sorted more than once, ends anywhere', () => {
    const n = 5000
    const ends = split(key(9), 40).flatMap((k) => Array.from(permutation(k, n).data, (from, to) => (from + to) % n))
    const tenths = ends.map((shift) => Math.floor((10 * shift) / n))
    expect(chiSquared(tenths, even(10))).toBeLessThan(chiSquaredBound(9))
  })

  test('of a tensor takes whole slices, in the order of its numbers', () => {
    const dtypes: readonly DType[] = ['float64', 'float32', 'int32', 'bool']
    fc.assert(
      fc.property(words, fc.nat({ max: 20 }), shapes, fc.constantFrom(...dtypes), (k, n, slice, dtype) => {
        const x = tensor(
          Array.from({ length: n * sizeOf(slice) }, (_, i) => i),
          dtype,
        )
        const rows = { ...x, shape: [n, ...slice] }
        const nested = toNested(rows) as readonly unknown[]
        const shuffled = permutation(k, rows)
        expect(shuffled.dtype).toBe(dtype)
        expect(shuffled.shape).toEqual(rows.shape)
        expect(toNested(shuffled)).toEqual(numbers(permutation(k, n)).map((i) => nested[i]))
      }),
    )
  })

  test('refuses what has no first axis', () => {
    expect(() => permutation(key(0), tensor(1))).toThrow('permutation: got shape []; needs')
    expect(() => permutation(key(0), -1)).toThrow('permutation: got -1; needs')
    expect(() => permutation(key(0), 1.5)).toThrow('permutation: got 1.5; needs')
  })
})

describe('bernoulli', () => {
  test.each([0.1, 0.5, 0.9])('is 1 with probability %s', (p) => {
    for (const dtype of floats)
      expect(chiSquared(bernoulli(key(10), tensor(p, dtype), [size]).data, [1 - p, p])).toBeLessThan(chiSquaredBound(1))
  })

  test('is certain at 0 and 1, each probability in its own place', () => {
    expect(toNested(bernoulli(key(0), tensor([0, 1, 1]), [2, 3]))).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ])
    expect(bernoulli(key(0), 1).shape).toEqual([])
  })

  test.each([-0.1, 1.1, Number.NaN])('probability %s is refused', (p) => {
    expect(() => bernoulli(key(0), p)).toThrow(`bernoulli: got probability ${p}; needs`)
  })

  test('refuses shapes that do not end in that of the probabilities, and integers', () => {
    expect(() => bernoulli(key(0), tensor([0.5, 0.5]), [2, 3])).toThrow('bernoulli: got shape [2, 3]; needs')
    expect(() => bernoulli(key(0), tensor([1], 'int32'))).toThrow('bernoulli: got int32; needs')
  })
})

describe('categorical', () => {
  const probabilities = [0.1, 0.2, 0.3, 0.4]
  const logits = probabilities.map((p) => Math.log(p) - 42)

  test.each(floats)('%s: as often as exp(logit) says', (dtype) => {
    const values = categorical(key(12), tensor(logits, dtype), [size]).data
    expect(chiSquared(values, probabilities)).toBeLessThan(chiSquaredBound(3))
  })

  test('each row of logits for itself', () => {
    const never = Number.NEGATIVE_INFINITY
    const rows = tensor([
      [never, 0, never],
      [never, never, 5],
    ])
    expect(toNested(categorical(key(0), rows))).toEqual([1, 2])
    expect(toNested(categorical(key(0), rows, [3, 2]))).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
  })

  test('of equal sums the first wins', () => {
    const never = Number.NEGATIVE_INFINITY
    expect(toNested(categorical(key(0), tensor([never, never, never]), [4]))).toEqual([0, 0, 0, 0])
  })

  test('refuses no categories, shapes that do not fit, NaN and integers', () => {
    expect(() => categorical(key(0), tensor(0))).toThrow('categorical: got logits []; needs')
    expect(() => categorical(key(0), zeros([2, 0]))).toThrow('categorical: got logits [2, 0]; needs')
    expect(() => categorical(key(0), zeros([2, 3]), [3])).toThrow('categorical: got shape [3]; needs')
    expect(() => categorical(key(0), tensor([0, Number.NaN]))).toThrow('categorical: got a logit that is NaN')
    expect(() => categorical(key(0), zeros([2], 'int32'))).toThrow('categorical: got int32; needs')
  })
})

describe('draws', () => {
  const draws: fc.Arbitrary<Draw<number>> = fc.constantFrom<Draw<number>>(
    drawing((k) => normal(k, []).data[0] as number),
    drawing((k) => randint(k, [], 0, 6).data[0] as number),
  )
  const steps: fc.Arbitrary<(a: number) => Draw<number>> = fc.constantFrom<(a: number) => Draw<number>>(
    (a) => drawing((k) => a + (uniform(k, []).data[0] as number)),
    (a) => drawing((k) => a * (exponential(k, []).data[0] as number)),
    (a) => S.of(-a),
  )

  test('form the state monad', () => {
    fc.assert(
      fc.property(words, draws, steps, steps, fc.integer(), (k, draw, f, g, a) => {
        expect(pipe(S.of<Key, number>(a), S.chain(f))(k)).toEqual(f(a)(k))
        expect(
          pipe(
            draw,
            S.chain((b: number) => S.of<Key, number>(b)),
          )(k),
        ).toEqual(draw(k))
        const left = pipe(draw, S.chain(f), S.chain(g))
        const right = pipe(
          draw,
          S.chain((b: number): Draw<number> => pipe(f(b), S.chain(g))),
        )
        expect(left(k)).toEqual(right(k))
      }),
    )
  })

  test('one after the other have keys of their own, none of which goes on', () => {
    const seen = drawing((k) => k)
    fc.assert(
      fc.property(words, (k) => {
        const [keys, next] = S.sequenceArray(new Array<Draw<Key>>(10).fill(seen))(k)
        expect(new Set([k, next, ...keys].map((member) => member.join())).size).toBe(12)
      }),
    )
  })
})
