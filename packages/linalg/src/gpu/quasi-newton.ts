/**
 * Inverse Hessians that stay on the device. Outside they are plain data, the secant pairs that they were made from, so
 * that a lost device loses nothing; what lies on the device is only what these pairs amount to.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { map } from '../elementwise.ts'
import { eye, fromData, type Tensor } from '../tensor.ts'
import { axpy, dot } from '../vector.ts'
import type { DeviceError } from './device.ts'
import { addProduct, matmul, matvec, rankTwo } from './products.ts'
import { type DeviceTensor, read, release, type Scope, upload, within } from './scope.ts'
import { reshape, stack, takeRows } from './structure.ts'

/** A step `s = x₊ − x` and what it did to the gradient, `y = g₊ − g`; `s'y > 0`. */
export interface SecantPair {
  readonly s: Tensor
  readonly y: Tensor
}

/** The inverse Hessian that BFGS makes of `scale` times the identity with these pairs, of which the newest is first. */
export interface SecantHistory {
  readonly scale: number
  /** How many of the pairs count, in L-BFGS; all, if it is undefined. */
  readonly memory?: number | undefined
  readonly pairs: readonly SecantPair[]
}

/** What lies on the device, and the history that it stands for. */
interface Resident<R> {
  readonly history: SecantHistory
  readonly content: R
}

type Product = (history: SecantHistory, vector: Tensor) => TaskEither<DeviceError, Tensor>

const isNext = (before: SecantHistory, after: SecantHistory): boolean =>
  after.pairs.length > 0 && after.pairs[1] === before.pairs[0]

/** Brings what is on the device up to a history, pair by pair, or from nothing. */
const following = <R>(
  start: (history: SecantHistory) => R,
  enter: (content: R, pair: SecantPair) => Promise<E.Either<DeviceError, R>>,
  drop: (content: R) => void,
  continues: (before: SecantHistory, after: SecantHistory) => boolean,
) => {
  let resident: Resident<R> | undefined
  return async (history: SecantHistory): Promise<E.Either<DeviceError, R>> => {
    if (
      resident !== undefined &&
      resident.history.pairs[0] === history.pairs[0] &&
      resident.history.scale === history.scale
    )
      return E.right(resident.content)
    const goesOn = resident !== undefined && continues(resident.history, history)
    if (!goesOn && resident !== undefined) drop(resident.content)
    let content = goesOn && resident !== undefined ? resident.content : start(history)
    resident = undefined
    for (const pair of goesOn ? history.pairs.slice(0, 1) : [...history.pairs].reverse()) {
      const next = await enter(content, pair)
      if (E.isLeft(next)) {
        drop(content)
        return next
      }
      content = next.right
    }
    resident = { history, content }
    return E.right(content)
  }
}

const scaled = (factor: number, x: Tensor): Tensor => map(x, (entry) => factor * entry)

/**
 * Products with a BFGS matrix `[n, n]` on the device: of a step only three vectors cross. A history that continues the
 * last one costs one update; any other is followed from its start.
 */
export const residentBfgs = (scope: Scope): Product => {
  const bring = following<DeviceTensor>(
    ({ scale, pairs }) => upload(scope, scaled(scale, eye(pairs[0]?.s.data.length ?? 1))),
    async (h, { s, y }) => {
      const product = within(scope, (inner) => matvec(inner, h, upload(inner, y)))
      const found = await read(product)()
      release(scope, product)
      if (E.isLeft(found)) return found
      // The update is s w' + w s' with w = ½ρ(1 + ρ y'Hy) s − ρ H y (Nocedal and Wright, 6.17).
      const hy = found.right
      const rho = 1 / dot(s, y)
      const w = axpy(0.5 * rho * (1 + rho * dot(y, hy)), s, scaled(-rho, hy))
      const next = within(scope, (inner) => rankTwo(inner, h, 1, upload(inner, s), upload(inner, w)))
      release(scope, h)
      return E.right(next)
    },
    (h) => release(scope, h),
    (before, after) =>
      isNext(before, after) && before.scale === after.scale && after.pairs.length === before.pairs.length + 1,
  )
  return (history, vector) => async () => {
    if (history.pairs.length === 0) return E.right(scaled(history.scale, vector))
    const matrix = await bring(history)
    if (E.isLeft(matrix)) return matrix
    const product = within(scope, (inner) => matvec(inner, matrix.right, upload(inner, vector)))
    const found = await read(product)()
    release(scope, product)
    return found
  }
}

/** Rows s₁ … sₘ, y₁ … yₘ, newest first, and the products `rows · rowsᵀ` on the host. */
interface Rows {
  readonly rows: DeviceTensor
  readonly count: number
  readonly gram: Float64Array
}

/** Rows of a stack of a new pair above m old ones, the pairs in order; at most `limit` of them. */
const orderOf = (old: number, limit: number): readonly number[] => {
  const kept = Math.min(old, limit - 1)
  const one = (first: number, from: number): readonly number[] => [
    first,
    ...Array.from({ length: kept }, (_, i) => from + i),
  ]
  return [...one(0, 2), ...one(1, 2 + old)]
}

const entered = async (scope: Scope, old: Rows | undefined, { s, y }: SecantPair, limit: number) => {
  const count = Math.min(limit, (old?.count ?? 0) + 1)
  const [rows, products] = within(scope, (inner) => {
    const pair = stack(inner, upload(inner, s), upload(inner, y))
    const all = old === undefined ? pair : takeRows(inner, stack(inner, pair, old.rows), orderOf(old.count, limit))
    return [all, matmul(inner, all, pair, { transposeB: true })]
  })
  const found = await read(products)()
  release(scope, products)
  if (old !== undefined) release(scope, old.rows)
  if (E.isLeft(found)) {
    release(scope, rows)
    return found
  }
  const gram = new Float64Array(4 * count * count)
  const size = 2 * count
  // Entries among pairs that were there already move; those with the new pair, rows 0 and `count`, are new.
  const before = (row: number): number => (row < count ? row - 1 : row - count - 1 + (old?.count ?? 0))
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const [newI, newJ] = [i % count === 0, j % count === 0]
      gram[i * size + j] = (
        newJ
          ? found.right.data[2 * i + (j === 0 ? 0 : 1)]
          : newI
            ? found.right.data[2 * j + (i === 0 ? 0 : 1)]
            : old?.gram[before(i) * 2 * old.count + before(j)]
      ) as number
    }
  return E.right<never, Rows>({ rows, count, gram })
}

/** The two-loop recursion on coefficients: factors of g, and of the rows, from `rows · g` (Chen, Wang and Zhou 2014). */
const coefficients = (
  gamma: number,
  { count: m, gram }: Rows,
  rowsTimesG: Float64Array,
  rho: readonly number[],
): Float64Array => {
  const at = (i: number, j: number): number => gram[i * 2 * m + j] as number
  const factors = new Float64Array(2 * m)
  const alpha = new Float64Array(m)
  for (let i = 0; i < m; i++) {
    let product = rowsTimesG[i] as number
    for (let j = 0; j < i; j++) product -= (alpha[j] as number) * at(i, m + j)
    alpha[i] = (rho[i] as number) * product
    factors[m + i] = -gamma * (alpha[i] as number)
  }
  for (let i = m - 1; i >= 0; i--) {
    let product = gamma * (rowsTimesG[m + i] as number)
    for (let j = 0; j < m; j++) product += (factors[m + j] as number) * at(m + i, m + j)
    for (let j = i + 1; j < m; j++) product += (factors[j] as number) * at(m + i, j)
    factors[i] = (alpha[i] as number) - (rho[i] as number) * product
  }
  return factors
}

/**
 * The same for L-BFGS with at most `memory` pairs: their `[2 memory, n]` numbers stay on the device and products with
 * them are taken there, the recursion runs on `2 memory` coefficients on the host.
 */
export const residentLbfgs = (scope: Scope, memory: number): Product => {
  const bring = following<Rows | undefined>(
    () => undefined,
    (rows, pair) => entered(scope, rows, pair, memory),
    (rows) => rows && release(scope, rows.rows),
    isNext,
  )
  return (history, vector) => async () => {
    const pairs = history.pairs.slice(0, memory)
    const found = await bring({ ...history, pairs })
    if (E.isLeft(found)) return found
    const rows = found.right
    if (rows === undefined) return E.right(scaled(history.scale, vector))
    const g = upload(scope, vector)
    const products = matvec(scope, rows.rows, g)
    const taken = await read(products)()
    if (E.isLeft(taken)) {
      release(scope, g, products)
      return taken
    }
    const rho = pairs.map(({ s, y }) => 1 / dot(s, y))
    const factors = coefficients(history.scale, rows, taken.right.data as Float64Array, rho)
    const result = within(scope, (inner) => {
      const n = vector.data.length
      const row = upload(inner, fromData(factors, [1, factors.length]))
      const start = upload(inner, fromData(scaled(history.scale, vector).data, [1, n]))
      return reshape(inner, addProduct(inner, start, 1, row, rows.rows), [n])
    })
    const direction = await read(result)()
    release(scope, g, products, result)
    return direction
  }
}

/** The product that a history is for: BFGS, or L-BFGS where it has a memory. */
export const residentInverse = (scope: Scope): Product => {
  const full = residentBfgs(scope)
  const limited = new Map<number, Product>()
  return (history, vector) => {
    const { memory } = history
    if (memory === undefined) return full(history, vector)
    const product = limited.get(memory) ?? residentLbfgs(scope, memory)
    limited.set(memory, product)
    return product(history, vector)
  }
}
