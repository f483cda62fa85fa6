/** Loops as the parity suite has them: every way of reading, guarding and folding. */
import { type Shape, sizeOf, stridesOf, type Tensor } from '@secant/linalg'
import type { Access, Elementwise, Fold, Guard, Instruction, Loop } from '@secant/linalg/gpu'
import * as gpu from '@secant/linalg/gpu'
import { exact, linear, type ParityCase, scattered } from './parity.ts'

const access = (argument: number, strides: readonly number[], rest: Partial<Access> = {}): Instruction => ({
  kind: 'read',
  access: { argument, start: 0, strides, spaced: [], guarded: false, ...rest },
})
const constant = (value: number): Instruction => ({ kind: 'constant', value })
const apply = (f: Elementwise, ...args: readonly number[]): Instruction => ({ kind: 'apply', f, args })
const within = (...guards: readonly Guard[]): Instruction => ({ kind: 'within', guards })

type Domain = Partial<Pick<Loop, 'folded' | 'fold'>> & { readonly shape: Shape }

const loop =
  ({ shape, folded = [], fold = 'sum' }: Domain, ...code: readonly Instruction[]): ParityCase['apply'] =>
  (scope, ...args) => {
    const given = args.map(({ rows, columns }) => ({ rows, columns }))
    return gpu.runLoop(scope, gpu.prepareLoop({ shape, folded, fold, code, given }), args)
  }

const moves = (): readonly ParityCase[] => {
  const a = scattered([7, 5], 1)
  const row = scattered([35], 2)
  const b = scattered([3, 4, 5, 6], 3)
  return [
    exact('a loop that copies', [a], loop({ shape: [7, 5] }, access(0, [5, 1]))),
    exact('one that turns', [a], loop({ shape: [5, 7] }, access(0, [1, 5]))),
    exact('one that reverses', [a], loop({ shape: [7, 5] }, access(0, [-5, -1], { start: 34 }))),
    exact('one that reads a row as a matrix', [row], loop({ shape: [5, 7] }, access(0, [7, 1]))),
    exact('one that reads a matrix as a row', [a], loop({ shape: [35] }, access(0, [1]))),
    exact('one by steps', [a], loop({ shape: [3, 2] }, access(0, [10, 2], { start: 6 }))),
    exact('one that repeats', [row], loop({ shape: [3, 4, 5] }, access(0, [5, 0, 1]))),
    exact('one of four axes, exchanged', [b], loop({ shape: [5, 3, 6, 4] }, access(0, [6, 120, 1, 30]))),
    exact(
      'one with a margin of zeros',
      [a],
      loop(
        { shape: [10, 9] },
        access(0, [5, 1], { start: -11, guarded: true }),
        constant(0),
        within({ axis: 0, from: 2, count: 7, step: 1 }, { axis: 1, from: 1, count: 5, step: 1 }),
        apply(gpu.where, 2, 0, 1),
      ),
    ),
    exact(
      'one with zeros in between',
      [a],
      loop(
        { shape: [22, 6] },
        access(0, [5, 1], { guarded: true, spaced: [{ axis: 0, from: 2, count: 7, step: 3 }] }),
        constant(-0.5),
        within({ axis: 0, from: 2, count: 7, step: 3 }, { axis: 1, from: 0, count: 5, step: 1 }),
        apply(gpu.where, 2, 0, 1),
      ),
    ),
    exact(
      'one of two parts',
      [row, a],
      loop(
        { shape: [12, 5] },
        access(0, [5, 1], { guarded: true }),
        access(1, [5, 1], { guarded: true, start: -25 }),
        within({ axis: 0, from: 0, count: 5, step: 1 }),
        apply(gpu.where, 2, 0, 1),
      ),
    ),
    exact(
      'one that compares with ∞',
      [a],
      loop({ shape: [7, 5] }, access(0, [5, 1]), constant(Number.NEGATIVE_INFINITY), apply(gpu.greater, 0, 1)),
    ),
  ]
}

const sizes = ({ shape }: Tensor, folded: readonly number[]): number =>
  sizeOf(folded.map((axis) => shape[axis] as number))

const folds = async (): Promise<readonly ParityCase[]> => {
  const cases: readonly (readonly [Shape, readonly number[]])[] = [
    [[6, 7], [1]],
    [[6, 7], [0]],
    [
      [6, 7],
      [0, 1],
    ],
    [[3, 4, 5, 6], [1]],
    [
      [3, 4, 5, 6],
      [0, 2],
    ],
    [
      [3, 4, 5, 6],
      [1, 2, 3],
    ],
    [[513, 3], [0]],
    [[3, 2003], [1]],
    [
      [41, 3, 43],
      [0, 2],
    ],
    [[70_003], [0]],
  ]
  const results: ParityCase[] = []
  for (const [i, [shape, folded]] of cases.entries()) {
    const x = scattered(shape, 1)
    const read = access(0, stridesOf(shape))
    const name = (fold: Fold): string => `${fold} by a loop of [${shape}] over ${folded}`
    results.push(await linear(name('sum'), sizes(x, folded) + 1, [x], loop({ shape, folded }, read)))
    const squares = loop({ shape, folded }, read, apply(gpu.mul, 0, 0))
    if (i % 4 === 0) results.push(await linear(`${name('sum')} of squares`, sizes(x, folded) + 2, [x], squares))
    const fold = i % 2 === 0 ? 'max' : 'min'
    results.push(exact(name(fold), [x], loop({ shape, folded, fold }, read)))
  }
  return results
}

const sums = async (): Promise<readonly ParityCase[]> => {
  const many = Array.from({ length: gpu.mostArguments }, (_, i) => scattered([5, 6], i + 1))
  const adding = many.slice(1).map((_, k) => apply(gpu.add, k === 0 ? 0 : gpu.mostArguments + k - 1, k + 1))
  const spread = loop(
    { shape: [4, 3, 5] },
    access(0, [15, 5, 1]),
    access(1, [0, 1, 0]),
    access(2, [0, 0, 0]),
    constant(0.1),
    apply(gpu.mul, 0, 1),
    apply(gpu.mul, 2, 3),
    apply(gpu.add, 4, 5),
  )
  return [
    await linear(
      'a loop of as many arguments as there may be',
      8,
      many,
      loop({ shape: [5, 6] }, ...many.map((_, i) => access(i, [6, 1])), ...adding),
    ),
    await linear(
      'one of a matrix, a column and a number',
      6,
      [scattered([4, 3, 5], 1), scattered([3], 2), scattered([], 3)],
      spread,
    ),
  ]
}

export const loops = async (): Promise<readonly ParityCase[]> => [...moves(), ...(await folds()), ...(await sums())]
