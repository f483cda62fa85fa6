/** Functions made at random of operations that differ in how they are compiled, and tensors to try them at. */
import { add, cast, grad, mul, sin, sum, type Value, type Values } from '@secant/autodiff'
import { allocate, isFloat, type Shape, sizeOf, type Tensor, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { type Attempt, type Attempts, arranging, type Pick, type Selection } from './arranging.ts'
import { controls } from './control.ts'
import { asFloats, judging, jumping, ofMasks, ofWholes, smooth } from './operations.ts'

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

export interface Kind extends Selection {
  /** How many operations are tried one after the other. */
  readonly steps?: readonly [fewest: number, most: number]
}

type Table = readonly (readonly [name: string, attempt: Attempt])[]

const written = (
  choices: readonly number[],
  { steps: [fewest, most] = [3, 16], ...selection }: Kind,
): Omit<Case, 'xs' | 'others'> => {
  const script: string[] = []
  const { widest = 1200, isSmooth = false, without = [] } = selection
  const table = (...parts: readonly Attempts[]): Table =>
    parts.flatMap((part) => Object.entries(part)).filter(([name]) => !without.includes(name))
  const loops = controls(selection)
  const ofFloats = table(smooth, arranging, isSmooth ? {} : { ...jumping, ...judging }, loops, loops)
  const floats = { 'as floats': asFloats }
  const tables: Readonly<Record<string, Table>> = {
    float64: ofFloats,
    float32: ofFloats,
    int32: table(ofWholes, arranging, floats, floats),
    bool: table(ofMasks, arranging, floats, floats),
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
      for (let steps = fewest + pick(most - fewest + 1); steps > 0; steps--) {
        const x = one(pool) as Value
        const y = like(x.dtype) as Value
        const fitting = tables[x.dtype] as Table
        const [name, attempt] = fitting[pick(fitting.length)] as Table[number]
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

const someLength = fc.constantFrom(1, 2, 3, 4, 5, 8, 11)
const lengthOrNone = fc.oneof({ weight: 20, arbitrary: someLength }, { weight: 1, arbitrary: fc.constant(0) })
const shapes = ({ isPlain = false, widest = Number.POSITIVE_INFINITY }: Kind): fc.Arbitrary<readonly Shape[]> => {
  const length = isPlain ? someLength : lengthOrNone
  const shape = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 9, arbitrary: fc.array(length, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(16, 17, 33, 64), { minLength: 1, maxLength: 2 }) },
  )
  const small = shape.filter((lengths) => sizeOf(lengths) <= widest)
  return fc.array(small, { minLength: 1, maxLength: 3 })
}

const list = (entry: fc.Arbitrary<number>): fc.Arbitrary<Entries> => fc.array(entry, { minLength: 13, maxLength: 13 })
const anyEntries = fc.oneof({ weight: 5, arbitrary: list(plainEntry) }, { weight: 1, arbitrary: list(specialEntry) })

/** Cases whose floats are of one dtype; some have whole numbers and masks beside them. */
export const randomCases = (dtype: Float, kind: Kind = {}): fc.Arbitrary<Case> =>
  fc
    .tuple(
      fc.array(fc.nat(1_000_000), { minLength: 90, maxLength: 90 }),
      shapes(kind),
      fc.array(fc.tuple(fc.constantFrom('int32', 'bool'), fc.array(lengthOrNone, { maxLength: 2 })), {
        maxLength: kind.isPlain ? 0 : 1,
      }),
      kind.isPlain ? list(plainEntry) : anyEntries,
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
