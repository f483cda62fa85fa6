import { cos, div, exp, mul, neg, pow, sin, square, sub, sum, type Value } from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type DecodeError, malformed } from '../decode-error.ts'
import type { Problem } from '../problem.ts'
import { decay, entriesOf, plus, times } from './formula.ts'

/** A regression problem with certified parameters; `start` is the far one of its two starts, `near` the other. */
export interface Regression extends Problem<Value> {
  readonly near: Tensor
  readonly certified: Tensor
  readonly minimum: number
}

type Model = (x: Tensor, ...b: readonly Value[]) => Value

/** height · exp(−((x − centre) / width)²) */
const bump = (x: Tensor, height: Value, centre: Value, width: Value): Value =>
  mul(height, exp(neg(square(div(sub(x, centre), width)))))

/** a cos(2πx / period) + b sin(2πx / period) */
const wave = (x: Tensor, period: Value | number, a: Value, b: Value): Value => {
  const phase = div(mul(2 * Math.PI, x), period)
  return plus(mul(a, cos(phase)), mul(b, sin(phase)))
}

/** What the file has in words, by name. */
const modelOf = (name: string): Model | undefined => {
  switch (name) {
    case 'Chwirut2':
      return (x, b1: Value, b2: Value, b3: Value) => div(decay(x, b1), plus(b2, mul(b3, x)))
    case 'DanWood':
      return (x, b1: Value, b2: Value) => mul(b1, pow(x, b2))
    case 'ENSO':
      return (x, b1: Value, b2: Value, b3: Value, b4: Value, b5: Value, b6: Value, b7: Value, b8: Value, b9: Value) =>
        plus(b1, wave(x, 12, b2, b3), wave(x, b4, b5, b6), wave(x, b7, b8, b9))
    case 'Eckerle4':
      return (x, b1: Value, b2: Value, b3: Value) => bump(x, div(b1, b2), b3, mul(Math.SQRT2, b2))
    case 'Gauss1':
      return (x, b1: Value, b2: Value, b3: Value, b4: Value, b5: Value, b6: Value, b7: Value, b8: Value) =>
        plus(mul(b1, decay(x, b2)), bump(x, b3, b4, b5), bump(x, b6, b7, b8))
    case 'Kirby2':
      return (x, b1: Value, b2: Value, b3: Value, b4: Value, b5: Value) =>
        div(plus(b1, mul(b2, x), mul(b3, square(x))), plus(1, mul(b4, x), mul(b5, square(x))))
    case 'MGH09':
      return (x, b1: Value, b2: Value, b3: Value, b4: Value) =>
        div(mul(b1, plus(square(x), mul(x, b2))), plus(square(x), mul(x, b3), b4))
    case 'Misra1a':
      return (x, b1: Value, b2: Value) => mul(b1, sub(1, decay(x, b2)))
    case 'Misra1d':
      return (x, b1: Value, b2: Value) => div(times(b1, b2, x), plus(1, mul(b2, x)))
    case 'Rat42':
      return (x, b1: Value, b2: Value, b3: Value) => div(b1, plus(1, exp(sub(b2, mul(b3, x)))))
    default:
      return undefined
  }
}

interface Entry {
  readonly name: string
  readonly start1: readonly number[]
  readonly start2: readonly number[]
  readonly certified: readonly number[]
  readonly rss: number
  readonly x: readonly number[]
  readonly y: readonly number[]
}

const isNumbers = (list: unknown): list is readonly number[] => Array.isArray(list) && list.every(Number.isFinite)

const isEntry = (entry: unknown): entry is Entry => {
  if (typeof entry !== 'object' || entry === null) return false
  const { name, rss, x, y, start1, start2, certified } = entry as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || !Number.isFinite(rss)) return false
  if (!isNumbers(x) || !isNumbers(y) || !isNumbers(start1) || !isNumbers(start2) || !isNumbers(certified)) return false
  return x.length === y.length && start1.length === start2.length && start1.length === certified.length
}

const regressionOf = (entry: Entry): E.Either<DecodeError, Regression> => {
  const model = modelOf(entry.name)
  const parameters = entry.certified.length
  if (model === undefined || model.length !== parameters + 1)
    return E.left(malformed('nist-strd.json', `${entry.name} with ${parameters} parameters`, 'a model that is known'))
  const [x, y] = [tensor(entry.x), tensor(entry.y)]
  return E.right({
    name: entry.name,
    n: parameters,
    objective: (b) => sum(square(sub(y, model(x, ...entriesOf(b))))),
    start: tensor(entry.start1),
    near: tensor(entry.start2),
    certified: tensor(entry.certified),
    minimum: entry.rss,
  })
}

/** Nonlinear regressions of NIST's Statistical Reference Datasets from JSON text: sums of squared residuals. */
export const decodeRegressions = (text: string): E.Either<DecodeError, readonly Regression[]> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      () => malformed('nist-strd.json', 'text', 'JSON'),
    ),
    E.chain((entries) =>
      Array.isArray(entries) && entries.every(isEntry)
        ? E.traverseArray(regressionOf)(entries)
        : E.left(
            malformed('nist-strd.json', 'other fields', 'a list of problems with data, starts and certified values'),
          ),
    ),
  )
