import { fromData, key, tensor } from '@secant/linalg'
import fc from 'fast-check'
import {
  add,
  averagePool2d,
  concatenate,
  contract,
  conv1d,
  conv2d,
  cumulativeProduct,
  cumulativeSum,
  depthwiseConv2d,
  diag,
  diagonal,
  einsum,
  expandDims,
  flip,
  keyValue,
  linearRecurrence,
  maxPool2d,
  mul,
  randomPermutation,
  randomUniform,
  repeat,
  roll,
  scatterAdd,
  sort,
  split,
  squeeze,
  stack,
  take,
  takeAlong,
  tile,
  topK,
  trace,
  triangle,
  type Value,
  windows,
} from '../src/index.ts'
import { type Case, ofShape, spacedOf } from './generators.ts'

const one = (name: string, f: (x: Value) => Value, inputs: Case['inputs']): Case => ({
  name,
  f: (x) => f(x as Value),
  inputs,
})

const two = (name: string, f: (a: Value, b: Value) => Value, inputs: Case['inputs']): Case => ({
  name,
  f: (a, b) => f(a as Value, b as Value),
  inputs,
})

const integers = (values: Parameters<typeof tensor>[0]): Value => tensor(values, 'int32')

/** Entries of which some are 0: products of them must not be divided by any. */
const withZeros: Case['inputs'] = fc
  .array(fc.constantFrom(0, 0, 0.5, -1.5, 2), { minLength: 4, maxLength: 4 })
  .map((entries) => [fromData(Float64Array.from(entries), [4])])

const arranging: readonly Case[] = [
  one('flip', (x) => flip(x, [-1]), fc.oneof(ofShape([2, 3]), ofShape([0]))),
  one('flip of all', flip, fc.oneof(ofShape([2, 3]), ofShape([]))),
  // The parts come back in another order and one is left out, so that it has no cotangent.
  one(
    'split',
    (x) => {
      const [a, , c] = split(x, [1, 2, 0, 2], 1) as readonly [Value, Value, Value, Value]
      return concatenate([c, a, mul(a, a)], 1)
    },
    ofShape([2, 5]),
  ),
  one('split evenly', (x) => mul(...(split(x, 2, -1) as readonly [Value, Value])), ofShape([2, 4])),
  one('roll', (x) => roll(x, -4, 1), fc.oneof(ofShape([2, 3]), ofShape([2, 0]), ofShape([1, 1, 2]))),
  one('squeeze', (x) => squeeze(x, [0]), ofShape([1, 3, 1])),
  one('expandDims', (x) => expandDims(x, [0, -1]), fc.oneof(ofShape([3]), ofShape([]))),
  one('repeat', (x) => repeat(x, 3, -1), fc.oneof(ofShape([2, 2]), ofShape([0]))),
  one('tile', (x) => tile(x, [2, 1, 3]), ofShape([2, 2, 1])),
  two('stack behind', (a, b) => stack([a, b], -1), ofShape([2, 3], [2, 3])),
  one('diagonal', diagonal, fc.oneof(ofShape([3, 3]), ofShape([2, 3, 2]), ofShape([2, 4]), ofShape([0, 2]))),
  one('diag', diag, fc.oneof(ofShape([3]), ofShape([2, 2]), ofShape([0]))),
  one('trace', trace, fc.oneof(ofShape([3, 3]), ofShape([2, 2, 3]))),
  one('triangle below', (x) => triangle(x, { lower: true }), fc.oneof(ofShape([3, 2]), ofShape([2, 2, 2]))),
  one('triangle above', (x) => triangle(x, { lower: false }), fc.oneof(ofShape([2, 3]), ofShape([0, 2]))),
]

const indexing: readonly Case[] = [
  one('take', (x) => take(x, integers([2, 0, -1, 2])), fc.oneof(ofShape([3]), ofShape([3, 2]))),
  one('take one', (x) => take(x, integers(1), 1), ofShape([2, 3, 2])),
  one(
    'take a table',
    (x) =>
      take(
        x,
        integers([
          [0, 1],
          [-1, 0],
        ]),
        -1,
      ),
    ofShape([2, 3]),
  ),
  two('scatterAdd', (x, u) => scatterAdd(x, integers([1, -1, 1]), u), ofShape([3, 2], [3, 2])),
  two(
    'scatterAdd inside',
    (x, u) =>
      scatterAdd(
        x,
        integers([
          [1, 1],
          [0, 2],
        ]),
        u,
        1,
      ),
    ofShape([2, 3], [2, 2, 2]),
  ),
  one(
    'takeAlong',
    (x) =>
      takeAlong(
        x,
        integers([
          [2, 2, 0, -1],
          [0, 1, 1, 1],
        ]),
      ),
    ofShape([2, 3]),
  ),
  one(
    'takeAlong the first',
    (x) =>
      takeAlong(
        x,
        integers([
          [2, 0],
          [1, 1],
        ]),
        0,
      ),
    ofShape([3, 2]),
  ),
]

const cumulative: readonly Case[] = [
  one('cumulativeSum', (x) => cumulativeSum(x, 1), fc.oneof(ofShape([2, 3]), ofShape([2, 0]), ofShape([2, 3, 2]))),
  one('cumulativeSum from the end', (x) => cumulativeSum(x, -1, { reverse: true }), ofShape([2, 3])),
  two('linearRecurrence', (a, b) => linearRecurrence(a, b), fc.oneof(ofShape([4], [4]), ofShape([0], [0]))),
  two(
    'linearRecurrence from the end',
    (a, b) => linearRecurrence(a, b, 1, { reverse: true }),
    ofShape([2, 3, 2], [2, 3, 2]),
  ),
  one('cumulativeProduct', (x) => cumulativeProduct(x, -1), fc.oneof(ofShape([2, 3]), ofShape([0]))),
  one('cumulativeProduct with zeros', (x) => cumulativeProduct(x), withZeros),
]

const sorting: readonly Case[] = [
  one('sort', (x) => sort(x), spacedOf([2, 3])),
  one('sort, largest first', (x) => sort(x, 0, { descending: true }), spacedOf([3, 2])),
  one('topK', (x) => topK(x, 2).values, spacedOf([2, 3])),
]

const sums: readonly Case[] = [
  two('einsum ij,jk->ki', (a, b) => einsum('ij,jk->ki', a, b), ofShape([2, 3], [3, 2])),
  two('einsum bi,bji', (a, b) => einsum('bi,bji', a, b), ofShape([2, 3], [2, 2, 3])),
  two('einsum ii,i->i', (a, b) => einsum('ii,i->i', a, b), ofShape([3, 3], [3])),
  two('einsum ij,ij->', (a, b) => einsum('ij,ij->', a, b), ofShape([2, 3], [2, 3])),
  two('einsum ,i->i', (a, b) => einsum(',i->i', a, b), ofShape([], [3])),
  two('einsum ...ij,...jk', (a, b) => einsum('...ij,...jk', a, b), ofShape([2, 1, 2, 3], [3, 3, 1])),
  one('einsum iji->j', (a) => einsum('iji->j', a), ofShape([2, 3, 2])),
  {
    name: 'einsum of three',
    f: (a, b, c) => einsum('ij,jk,lk->il', a as Value, b as Value, c as Value),
    inputs: ofShape([2, 2], [2, 3], [2, 3]),
  },
  two(
    'contract',
    (a, b) =>
      contract(a, b, {
        over: [
          [0, 2],
          [-1, 1],
        ],
        batch: [[1], [0]],
      }),
    ofShape([2, 2, 3, 1], [2, 3, 1, 2]),
  ),
  two(
    'contract over nothing',
    (a, b) => contract(a, b, { over: [[], []], batch: [[1], [0]] }),
    ofShape([2, 3], [3, 2]),
  ),
]

const sliding: readonly Case[] = [
  one('windows', (x) => windows(x, [2, 2], { padding: 'same', strides: [1, 2] }), ofShape([1, 3, 3, 2])),
  one(
    'windows apart',
    (x) =>
      windows(x, [2, 2], {
        dilation: [1, 2],
        padding: [
          [1, 0],
          [0, 1],
        ],
      }),
    ofShape([2, 2, 3, 1]),
  ),
  two('conv2d', (x, k) => conv2d(x, k), ofShape([2, 3, 3, 2], [2, 2, 2, 2])),
  two(
    'conv2d, strided and padded',
    (x, k) => conv2d(x, k, { strides: [2, 1], padding: 'same' }),
    ofShape([1, 4, 3, 1], [3, 2, 1, 2]),
  ),
  two(
    'conv2d, dilated',
    (x, k) =>
      conv2d(x, k, {
        dilation: [2, 1],
        padding: [
          [2, 1],
          [0, 1],
        ],
      }),
    ofShape([2, 3, 3, 1], [2, 2, 1, 1]),
  ),
  two('conv2d under no place', (x, k) => conv2d(x, k), ofShape([1, 1, 1, 1], [2, 2, 1, 1])),
  two('conv1d', (x, k) => conv1d(x, k, { padding: [2, 0], dilation: 2 }), ofShape([2, 4, 1], [2, 1, 2])),
  two(
    'depthwiseConv2d',
    (x, k) => depthwiseConv2d(x, k, { padding: 'same' }),
    fc.oneof(ofShape([1, 3, 2, 2], [2, 2, 2, 2]), ofShape([2, 2, 2, 1], [2, 1, 1, 1])),
  ),
  one('averagePool2d', (x) => averagePool2d(x, [2, 2]), ofShape([1, 4, 3, 2])),
  one(
    'averagePool2d, padded',
    (x) => averagePool2d(x, [2, 3], { strides: [1, 1], padding: 'same' }),
    ofShape([1, 3, 3, 1]),
  ),
  one('maxPool2d', (x) => maxPool2d(x, [2, 2]), spacedOf([1, 4, 2, 2])),
  one('maxPool2d, padded', (x) => maxPool2d(x, [2, 2], { strides: [1, 2], padding: 'same' }), spacedOf([1, 3, 3, 1])),
]

const drawn = keyValue(key(5))

const randomised: readonly Case[] = [
  two('randomUniform', (a, b) => randomUniform(drawn, [2, 3], { min: a, max: b }), ofShape([2, 1], [])),
  one('randomPermutation', (x) => randomPermutation(drawn, x), ofShape([3, 2])),
]

/** y + y² for y: so the cotangents of a linear operation depend on its argument, and its adjoint is differentiated too. */
const curved = ({ name, f, inputs }: Case): Case => ({
  name,
  f: (...xs) => {
    const y = f(...xs)
    return add(y, mul(y, y))
  },
  inputs,
})

/** Operations that arrange, pick, accumulate and slide: all that is not entry by entry. */
export const structuralCases: readonly Case[] = [
  ...arranging,
  ...indexing,
  ...cumulative,
  ...sorting,
  ...sums,
  ...sliding,
  ...randomised,
].map(curved)
