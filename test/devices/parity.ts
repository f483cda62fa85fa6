/** What every device must get right, against the same operations in float64. Runs in Node and in browsers. */

import { fromData, type Shape, sizeOf, type Tensor } from '@secant/linalg'
import * as gpu from '@secant/linalg/gpu'
import {
  cpu,
  type Device,
  type DeviceTensor,
  type Elementwise,
  read,
  type Scope,
  upload,
  withScope,
} from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import { errorOf } from './errors.ts'
import { loops } from './loops.ts'

/** An operation with its arguments, and how far each entry of a device's result may be off. */
export interface ParityCase {
  readonly name: string
  readonly args: readonly Tensor[]
  readonly apply: (scope: Scope, ...args: readonly DeviceTensor[]) => DeviceTensor
  /** The bound at each entry, from the result in float64 and the device's unit roundoff. */
  readonly bound: (exact: Tensor, u: number) => (at: number) => number
}

export interface ParityResult {
  readonly name: string
  /** Largest error as a part of its bound; above 1 it is broken. */
  readonly worst: number
}

/** Entries in float32 without a pattern, of different sizes. */
export const scattered = (shape: Shape, seed: number): Tensor =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
      Math.fround(Math.sin(12.9898 * (i + 1) ** 1.5 + 78.233 * seed) * 2 ** ((i * 7) % 5)),
    ),
    shape,
  )

export const rightOf = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`got ${JSON.stringify(either.left)}; needs a value`)
  return either.right
}

/** The result of an operation on a device, on the host. */
export const resultOn = async (device: Device, apply: ParityCase['apply'], args: readonly Tensor[]): Promise<Tensor> =>
  rightOf(await withScope(device, (scope) => read(apply(scope, ...args.map((arg) => upload(scope, arg)))))())

const sizes = (t: Tensor): Tensor => ({ ...t, data: Float64Array.from(t.data, Math.abs) })

/** γ_terms times the same operation on absolute values. */
const gammaOf = (terms: number, apply: ParityCase['apply'], args: readonly Tensor[]) => {
  const size = resultOn(cpu(), apply, args.map(sizes))
  return size.then(
    (t) => (_: Tensor, u: number) => (at: number) => ((terms * u) / (1 - terms * u)) * (t.data[at] as number),
  )
}

export const linear = async (
  name: string,
  terms: number,
  args: readonly Tensor[],
  apply: ParityCase['apply'],
  onSizes: ParityCase['apply'] = apply,
): Promise<ParityCase> => ({ name, args, apply, bound: await gammaOf(terms, onSizes, args) })

/** An operation that only moves entries. */
export const exact = (name: string, args: readonly Tensor[], apply: ParityCase['apply']): ParityCase => ({
  name,
  args,
  apply,
  bound: () => () => 0,
})

const first = (args: readonly DeviceTensor[]): readonly [DeviceTensor, DeviceTensor, DeviceTensor] =>
  args as readonly [DeviceTensor, DeviceTensor, DeviceTensor]

const products = async (): Promise<readonly ParityCase[]> => {
  const cases: Promise<ParityCase>[] = []
  const add = (batch: Shape, m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): void => {
    const a = scattered([...batch, ...(transposeA ? [k, m] : [m, k])], 1)
    const b = scattered([...batch, ...(transposeB ? [n, k] : [k, n])], 2)
    const name = `matmul [${[...batch, m, k]}]${transposeA ? 'ᵀ' : ''} · [${[...batch, k, n]}]${transposeB ? 'ᵀ' : ''}`
    cases.push(
      linear(name, k + 2, [a, b], (scope, ...args) => {
        const [p, q] = first(args)
        return gpu.matmul(scope, p, q, { transposeA, transposeB })
      }),
    )
  }
  for (const ta of [false, true])
    for (const tb of [false, true]) {
      add([], 5, 7, 3, ta, tb)
      add([], 33, 17, 29, ta, tb)
      add([3], 4, 6, 5, ta, tb)
    }
  add([2, 3], 3, 2, 1, false, true)
  add([], 1, 1, 1, false, false)
  for (const k of [999, 1000, 1001, 4096]) {
    add([], 3, k, 1, false, false)
    add([], 1, k, 2, false, true)
  }
  for (const k of [999, 1000, 1001, 4096])
    for (const transposeA of [false, true])
      cases.push(
        linear(
          `matvec ${transposeA ? `[${k}, 3]ᵀ` : `[3, ${k}]`}`,
          k + 2,
          [scattered(transposeA ? [k, 3] : [3, k], 3), scattered([k], 4)],
          (scope, ...args) => gpu.matvec(scope, first(args)[0], first(args)[1], { transposeA }),
        ),
      )
  cases.push(
    linear('outer', 3, [scattered([37], 1), scattered([11], 2)], (scope, ...args) =>
      gpu.outer(scope, first(args)[0], first(args)[1]),
    ),
    linear(
      'rankOne',
      5,
      [scattered([7, 11], 1), scattered([7], 2), scattered([11], 3)],
      (scope, ...args) => gpu.rankOne(scope, first(args)[0], -0.3, first(args)[1], first(args)[2]),
      (scope, ...args) => gpu.rankOne(scope, first(args)[0], 0.3, first(args)[1], first(args)[2]),
    ),
    linear('rankTwo', 6, [scattered([13, 13], 1), scattered([13], 2), scattered([13], 3)], (scope, ...args) =>
      gpu.rankTwo(scope, first(args)[0], 0.7, first(args)[1], first(args)[2]),
    ),
    linear(
      'rank-k update',
      9,
      [scattered([9, 8], 1), scattered([5, 9], 2), scattered([8, 5], 3)],
      (scope, c, a, b) =>
        gpu.addProduct(scope, c as DeviceTensor, -1, a as DeviceTensor, b as DeviceTensor, {
          transposeA: true,
          transposeB: true,
        }),
      (scope, c, a, b) =>
        gpu.addProduct(scope, c as DeviceTensor, 1, a as DeviceTensor, b as DeviceTensor, {
          transposeA: true,
          transposeB: true,
        }),
    ),
    linear('dot of 100 001', 100_003, [scattered([100_001], 1), scattered([100_001], 2)], (scope, ...args) =>
      gpu.dot(scope, first(args)[0], first(args)[1]),
    ),
  )
  return Promise.all(cases)
}

/** A function of entries, off by what it says of itself. */
const entrywise = (f: Elementwise, ...args: readonly Tensor[]): ParityCase => ({
  name: `${f.name} of ${args.map(({ shape }) => `[${shape}]`).join(', ')}`,
  args,
  apply: (scope, ...values) => gpu.zip(scope, f, ...values),
  bound:
    ({ data }, u) =>
    (at) =>
      errorOf(
        f,
        data[at] as number,
        args.map((arg) => arg.data[at] ?? 0),
        u,
      ),
})

const between = (low: number, high: number, count: number): Tensor =>
  fromData(Float64Array.from({ length: count }, (_, i) => Math.fround(low + ((high - low) * i) / (count - 1))))

const functions = (): readonly ParityCase[] => {
  const [a, b] = [scattered([17, 9], 1), scattered([17, 9], 2)]
  const positive = sizes(a)
  const digits = (seed: number): Tensor => ({ ...a, data: scattered([17, 9], seed).data.map((x) => Math.round(x)) })
  const pairs = [gpu.add, gpu.sub, gpu.mul, gpu.div, gpu.scale, gpu.scaleDown, gpu.maximum, gpu.minimum]
  const tests = [gpu.greater, gpu.greaterEqual, gpu.less, gpu.lessEqual, gpu.equal, gpu.notEqual, gpu.share]
  const smooth = [gpu.exp, gpu.tanh, gpu.sigmoid, gpu.softplus]
  return [
    ...pairs.map((f) => entrywise(f, a, b)),
    ...[gpu.scale, gpu.maximum].map((f) => entrywise(f, digits(1), digits(2))),
    ...tests.map((f) => entrywise(f, digits(1), digits(2))),
    ...[gpu.neg, gpu.abs, gpu.sign, gpu.square, gpu.finite, gpu.reciprocal].map((f) => entrywise(f, a)),
    ...[gpu.floor, gpu.ceil, gpu.trunc].map((f) => entrywise(f, a)),
    ...[gpu.floor, gpu.ceil, gpu.trunc].map((f) => entrywise(f, digits(1))),
    ...[gpu.and, gpu.or].map((f) => entrywise(f, digits(1), digits(2))),
    ...[gpu.sin, gpu.cos, gpu.tan, gpu.atan, gpu.sinh, gpu.cosh].map((f) => entrywise(f, a)),
    ...[gpu.sin, gpu.cos, gpu.atan].map((f) => entrywise(f, between(-3000, 3000, 777))),
    ...[gpu.sin, gpu.tan, gpu.atan, gpu.sinh, gpu.expm1, gpu.log1p, gpu.asin].map((f) =>
      entrywise(f, between(-1e-3, 1e-3, 55)),
    ),
    ...[gpu.asin, gpu.acos].map((f) => entrywise(f, between(-1, 1, 201))),
    ...[gpu.expm1, gpu.sinh].map((f) => entrywise(f, between(-80, 80, 333))),
    entrywise(gpu.log1p, between(-0.999, 3, 401)),
    entrywise(gpu.log1p, positive),
    entrywise(gpu.atan2, a, b),
    entrywise(gpu.pow, a, digits(2)),
    entrywise(gpu.pow, positive, b),
    entrywise(gpu.pow, between(0.9, 1.1, 153), between(-300, 300, 153)),
    entrywise(gpu.sqrt, positive),
    entrywise(gpu.where, digits(1), a, b),
    ...smooth.map((f) => entrywise(f, between(-20, 20, 401))),
    ...smooth.map((f) => entrywise(f, between(-0.01, 0.01, 101))),
    entrywise(gpu.exp, between(-80, 80, 333)),
    entrywise(gpu.log, between(0.001, 3, 401)),
    entrywise(gpu.log, fromData(Float64Array.from({ length: 60 }, (_, i) => Math.fround(1.7 ** (i * 4 - 120))))),
    entrywise(gpu.add, scattered([3, 4, 5], 1), scattered([5], 2)),
    entrywise(gpu.sub, scattered([4, 1], 1), scattered([4, 7], 2)),
    entrywise(gpu.mul, scattered([2, 3, 4], 1), scattered([3, 4], 2)),
    entrywise(gpu.mul, scattered([2, 1, 4], 1), scattered([2, 3, 1], 2)),
    entrywise(gpu.add, scattered([6], 1), scattered([], 2)),
    entrywise(gpu.sub, scattered([5, 1], 1), scattered([6], 2)),
  ]
}

const reductions = async (): Promise<readonly ParityCase[]> => {
  const folds = [
    [[3, 4, 5], undefined],
    [[3, 4, 5], [0]],
    [[3, 4, 5], [1]],
    [[3, 4, 5], [2]],
    [
      [3, 4, 5],
      [0, 2],
    ],
    [[37, 5], [0]],
    [[5, 2003], [1]],
    [[70_003], undefined],
  ] as const
  const cases = folds.map(([shape, axes]) =>
    linear(`sum of [${shape}] over ${axes ?? 'all'}`, sizeOf(shape), [scattered(shape, 1)], (scope, x) =>
      gpu.sum(scope, x as DeviceTensor, axes),
    ),
  )
  const extremes = folds.flatMap(([shape, axes]) =>
    [gpu.max, gpu.min].map((fold, i) =>
      exact(`${i === 0 ? 'max' : 'min'} of [${shape}] over ${axes ?? 'all'}`, [scattered(shape, 1)], (scope, x) =>
        fold(scope, x as DeviceTensor, axes),
      ),
    ),
  )
  return [...(await Promise.all(cases)), ...extremes]
}

const structure = (): readonly ParityCase[] => {
  const one = (name: string, shape: Shape, f: (scope: Scope, x: DeviceTensor) => DeviceTensor): ParityCase =>
    exact(`${name} of [${shape}]`, [scattered(shape, 1)], (scope, x) => f(scope, x as DeviceTensor))
  return [
    one('transpose', [7, 5], (scope, x) => gpu.transpose(scope, x)),
    one('transpose 1 0 2', [3, 4, 5], (scope, x) => gpu.transpose(scope, x, [1, 0, 2])),
    one('transpose 2 0 1', [3, 4, 5], (scope, x) => gpu.transpose(scope, x, [2, 0, 1])),
    one('transpose 3 1 0 2', [2, 3, 4, 5], (scope, x) => gpu.transpose(scope, x, [3, 1, 0, 2])),
    one('reshape', [6, 10], (scope, x) => gpu.reshape(scope, x, [4, 15])),
    one('reshape to a row', [6, 10], (scope, x) => gpu.reshape(scope, x, [60])),
    one('reshape to a column', [60], (scope, x) => gpu.reshape(scope, x, [60, 1])),
    one('transpose of many', [333, 257], (scope, x) => gpu.transpose(scope, x)),
    one('broadcast', [4], (scope, x) => gpu.broadcast(scope, x, [4, 3], [1])),
    one('broadcast both sides', [4, 2], (scope, x) => gpu.broadcast(scope, x, [3, 4, 5, 2], [0, 2])),
    one('slice', [9, 8], (scope, x) => gpu.slice(scope, x, [2, 3], [7, 8])),
    one('takeRows', [6, 5], (scope, x) => gpu.takeRows(scope, x, [5, 0, 0, 3])),
    exact('stack', [scattered([3, 5], 1), scattered([5], 2)], (scope, ...args) =>
      gpu.stack(scope, first(args)[0], first(args)[1]),
    ),
  ]
}

const collect = async (): Promise<readonly (readonly [ParityCase, Tensor])[]> => {
  const cases = [...(await products()), ...functions(), ...(await reductions()), ...structure(), ...(await loops())]
  const found: (readonly [ParityCase, Tensor])[] = []
  for (const each of cases) found.push([each, await resultOn(cpu(), each.apply, each.args)])
  return found
}

let collected: ReturnType<typeof collect> | undefined

/** All cases with their results in float64; they are made once. */
const casesWithResults = (): ReturnType<typeof collect> => {
  collected ??= collect()
  return collected
}

/** How far a device is off, beside the rounding of results to what it holds. */
const parityOf = async (
  device: Device,
  { name, args, apply, bound }: ParityCase,
  exact: Tensor,
): Promise<ParityResult> => {
  const found = await resultOn(device, apply, args)
  const allowed = bound(exact, device.unitRoundoff)
  let worst = String(found.shape) === String(exact.shape) ? 0 : Number.POSITIVE_INFINITY
  exact.data.forEach((entry, at) => {
    const off = Math.abs((found.data[at] as number) - entry)
    const part = off === 0 ? 0 : off / allowed(at)
    if (!(part <= worst)) worst = part
  })
  return { name, worst }
}

/** All cases on a device. */
export const parity = async (device: Device): Promise<readonly ParityResult[]> => {
  const results: ParityResult[] = []
  for (const [each, exact] of await casesWithResults()) results.push(await parityOf(device, each, exact))
  return results
}

/** What becomes of numbers on the edge: it differs between back ends, but NaN stays NaN wherever it is computed with. */
export const edgeCases = async (device: Device): Promise<Readonly<Record<string, readonly number[]>>> => {
  type Apply = (scope: Scope, x: DeviceTensor, y: DeviceTensor) => DeviceTensor
  const on = async (apply: Apply, x: readonly number[], y: readonly number[] = [1]): Promise<readonly number[]> => {
    const args = [fromData(Float64Array.from(x)), fromData(Float64Array.from(y))]
    return Array.from(
      (await resultOn(device, (scope, a, b) => apply(scope, a as DeviceTensor, b as DeviceTensor), args)).data,
    )
  }
  const edges = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-40, 1e39]
  return {
    'NaN there and back, times 1, plus 1, and in a product': [
      ...(await on((scope, x) => gpu.reshape(scope, x, [1]), [Number.NaN])),
      ...(await on((scope, x, y) => gpu.zip(scope, gpu.mul, x, y), [Number.NaN])),
      ...(await on((scope, x, y) => gpu.zip(scope, gpu.add, x, y), [Number.NaN])),
      ...(await on((scope, x, y) => gpu.dot(scope, x, y), [Number.NaN, 0], [1, 1])),
    ],
    'log 0 and 1 / 0': [
      ...(await on((scope, x) => gpu.map(scope, gpu.log, x), [0])),
      ...(await on((scope, x) => gpu.map(scope, gpu.reciprocal, x), [0])),
    ],
    'log −1 and √−1': [
      ...(await on((scope, x) => gpu.map(scope, gpu.log, x), [-1])),
      ...(await on((scope, x) => gpu.map(scope, gpu.sqrt, x), [-1])),
    ],
    '∞, −∞, −0, 1e-40, 1e39 there and back': await on((scope, x) => gpu.reshape(scope, x, [5]), edges),
    'the same times 1': await on((scope, x, y) => gpu.zip(scope, gpu.mul, x, y), edges),
    'which of them are finite': await on((scope, x) => gpu.map(scope, gpu.finite, x), edges),
    'max of NaN 1 2 and of 1 NaN 2, NaN above 1 and 1 above NaN': [
      ...(await on((scope, x) => gpu.max(scope, x), [Number.NaN, 1, 2])),
      ...(await on((scope, x) => gpu.min(scope, x), [1, Number.NaN, 2])),
      ...(await on((scope, x, y) => gpu.zip(scope, gpu.maximum, x, y), [Number.NaN], [1])),
      ...(await on((scope, x, y) => gpu.zip(scope, gpu.minimum, x, y), [1], [Number.NaN])),
    ],
    'functions of NaN': await Promise.all(
      [
        gpu.exp,
        gpu.expm1,
        gpu.log,
        gpu.log1p,
        gpu.tanh,
        gpu.sigmoid,
        gpu.softplus,
        gpu.sin,
        gpu.cos,
        gpu.atan,
        gpu.floor,
      ].map(async (f) => (await on((scope, x) => gpu.map(scope, f, x), [Number.NaN]))[0] as number),
    ),
  }
}

/** What all back ends have in common of it. */
export const edgesKept = (edges: Awaited<ReturnType<typeof edgeCases>>): boolean => {
  const at = (name: string): readonly number[] => edges[name] ?? []
  return (
    [
      'NaN there and back, times 1, plus 1, and in a product',
      'log −1 and √−1',
      'max of NaN 1 2 and of 1 NaN 2, NaN above 1 and 1 above NaN',
      'functions of NaN',
    ].every((name) => at(name).every(Number.isNaN)) &&
    at('log 0 and 1 / 0')[0] === Number.NEGATIVE_INFINITY &&
    !Number.isFinite(at('log 0 and 1 / 0')[1]) &&
    at('which of them are finite').join().startsWith('0,0,1,1')
  )
}
