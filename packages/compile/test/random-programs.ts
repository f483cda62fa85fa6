/** Functions made at random of operations that differ in how they are compiled, and tensors to try them at. */
import { add, cast, grad, mul, sin, sum, type Value, type Values } from '@secant/autodiff'
import { allocate, isFloat, type Shape, sizeOf, type Tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { type Attempt, arranging, type Pick } from './random-arranging.ts'
import { controls } from './random-control.ts'
import { asFloats, judging, jumping, ofMasks, ofWholes, smooth } from './random-operations.ts'

export type Functions = (xs: Values) => Values
export type Float = 'float64' | 'float32'

/** A function of several values, and tensors to try it at. */
export interface Case {
  readonly f: Functions
  readonly xs: readonly Tensor[]
  /** Other numbers of the same types. */
  readonly others: readonly Tensor[]
  /** Names of the operations, for a failure to show. */
  readonly script: readonly string[]
}

/** The gradient, in all floats, of one number made of all results that are floats. */
export const derivative =
  (f: Functions): Functions =>
  (xs) => {
    const dtype = (xs.find((x) => isFloat(x))?.dtype ?? 'float64') as Float
    const floats = xs.filter((x) => isFloat(x))
    const energy = (y: Value): Value => cast(sum(mul(y, sin(y))), dtype)
    return grad((ys: Values) => {
      const given = ys.values()
      const results = f(xs.map((x) => (isFloat(x) ? (given.next().value as Value) : x)))
      return results.filter((y) => isFloat(y)).reduce<Value>((total, y) => add(total, energy(y)), zeros([], dtype))
    })(floats)
  }

export interface Kind {
  /** Values of more entries are not made. */
  readonly widest?: number
  /** Without operations that a small change may send elsewhere. */
  readonly isSmooth?: boolean
}

type Table = readonly (readonly [name: string, attempt: Attempt])[]

const written = (
  choices: readonly number[],
  { widest = 1200, isSmooth = false }: Kind,
): Omit<Case, 'xs' | 'others'> => {
  const script: string[] = []
  const jumps = isSmooth ? {} : { ...jumping, ...judging }
  const loops = Object.entries(controls(!isSmooth))
  const ofFloats: Table = [...Object.entries({ ...smooth, ...arranging, ...jumps }), ...loops, ...loops]
  const tables: Readonly<Record<string, Table>> = {
    float64: ofFloats,
    float32: ofFloats,
    int32: [...Object.entries({ ...ofWholes, ...arranging }), ['as floats', asFloats], ['as floats', asFloats]],
    bool: [...Object.entries({ ...ofMasks, ...arranging }), ['as floats', asFloats], ['as floats', asFloats]],
  }
  return {
    script,
    f: (xs) => {
      let at = 0
      script.length = 0
      const pick: Pick = (below) => (below <= 0 ? 0 : (choices[at++ % choices.length] as number) % below)
      const pool = [...xs]
      const one = (of: readonly Value[]): Value | undefined => of.at(-1 - pick(Math.min(of.length, 5)))
      const like = (dtype: string): Value | undefined => one(pool.filter((x) => x.dtype.startsWith(dtype)))
      for (let steps = 3 + pick(14); steps > 0; steps--) {
        const x = one(pool) as Value
        const y = like(x.dtype) as Value
        const table = tables[x.dtype] as Table
        const [name, attempt] = table[pick(table.length)] as Table[number]
        const made = attempt(x, y, pick, like)
        if (made === undefined || sizeOf(made.shape) > widest) continue
        script.push(name)
        pool.push(made)
      }
      return pool.slice(-3)
    },
  }
}

type Entries = readonly number[]

const filled = (dtype: Tensor['dtype'], shape: Shape, entries: Entries): Tensor => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) {
    const entry = (entries[i % entries.length] as number) * (1 - 0.01 * Math.floor(i / entries.length))
    // Some whole numbers have more digits than float32.
    const whole = Math.round(entry * (i % 6 === 5 ? 2 ** 28 : 3))
    data[i] = dtype === 'bool' ? Number(entry > 0) : dtype === 'int32' ? whole : entry
  }
  return { dtype, shape, data } as Tensor
}

const plainEntry = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2000, max: 2000 }).map((k) => k / 1000) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, -0, 1, -1, 0.5) },
)
const specialEntry = fc.oneof(
  plainEntry,
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 5e-324, -1e-310, 1e-40, 1e300, -1e39, 1e200, 2 ** 31, 1e-200),
)

const length = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(1, 2, 3, 4, 5, 8, 11) },
  { weight: 1, arbitrary: fc.constant(0) },
)
const shape = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 9, arbitrary: fc.array(length, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(16, 17, 33, 64), { minLength: 1, maxLength: 2 }) },
)

const entries = fc.oneof(
  { weight: 5, arbitrary: fc.array(plainEntry, { minLength: 13, maxLength: 13 }) },
  { weight: 1, arbitrary: fc.array(specialEntry, { minLength: 13, maxLength: 13 }) },
)

/** Cases whose floats are of one dtype; some have whole numbers and masks beside them. */
export const randomCases = (dtype: Float, kind: Kind = {}): fc.Arbitrary<Case> =>
  fc
    .tuple(
      fc.array(fc.nat(1_000_000), { minLength: 90, maxLength: 90 }),
      fc.array(shape, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.constantFrom('int32', 'bool'), fc.array(length, { maxLength: 2 })), { maxLength: 1 }),
      entries,
    )
    .map(([choices, shapes, beside, numbers]) => {
      const inputs = (own: Entries): readonly Tensor[] => [
        ...shapes.map((shape) => filled(dtype, shape, own)),
        ...beside.map(([other, shape]) => filled(other as 'int32', shape, own)),
      ]
      const made = written(choices, kind)
      const xs = inputs(numbers)
      const text = (): string =>
        `${made.script.join(', ')} of ${xs.map((x) => `${x.dtype}[${x.shape}] ${fc.stringify(x.data)}`)}`
      return { ...made, xs, others: inputs(numbers.toReversed().map((x) => -0.7 * x)), [fc.toStringMethod]: text }
    })
