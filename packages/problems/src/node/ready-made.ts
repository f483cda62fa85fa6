import type { Value } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Table } from '../csv.ts'
import { type Digits, tinyCnnFamily } from '../families/tiny-cnn.ts'
import type { Family } from '../family.ts'
import { logisticRegression } from '../logistic.ts'
import { mlp } from '../mlp.ts'
import { scaleBy, signs, standardise, withOnes } from '../preprocess.ts'
import type { Problem } from '../problem.ts'
import { softmaxRegression } from '../softmax.ts'
import { type ReadError, readMnist, readReferences, readTable } from './files.ts'

const lambda = 1e-3

/** A problem on a table, with its reference minimum. */
const onTable = (
  name: 'iris' | 'wine' | 'wdbc' | 'digits8x8',
  build: (table: Table) => Problem<Value>,
): E.Either<ReadError, Problem<Value>> =>
  pipe(
    E.Do,
    E.bind('table', () => readTable(name)),
    E.bind('references', readReferences),
    E.map(({ table, references }) => {
      const minimum = references.find(({ data }) => data === name)?.fmin
      return minimum === undefined ? build(table) : { ...build(table), minimum }
    }),
  )

const softmaxOn = (features: Tensor, labels: Tensor, classes: number): Problem<Value> =>
  softmaxRegression({ features: withOnes(features), labels, classes, lambda })

/** Logistic regression on the breast-cancer table: 569 rows, 31 weights, λ = 10⁻³. */
export const breastCancer = (): E.Either<ReadError, Problem<Value>> =>
  onTable('wdbc', ({ features, target }) =>
    logisticRegression({ features: withOnes(standardise(features)), labels: signs(target), lambda }),
  )

/** Softmax regression on the 8×8 digits: 1,797 rows, 650 weights, λ = 10⁻³. */
export const digits = (): E.Either<ReadError, Problem<Value>> =>
  onTable('digits8x8', ({ features, target }) => softmaxOn(scaleBy(features, 1 / 16), target, 10))

/** Softmax regression on the iris table: 150 rows, 15 weights, λ = 10⁻³. */
export const iris = (): E.Either<ReadError, Problem<Value>> =>
  onTable('iris', ({ features, target }) => softmaxOn(standardise(features), target, 3))

/** Softmax regression on the wine table: 178 rows, 42 weights, λ = 10⁻³. */
export const wine = (): E.Either<ReadError, Problem<Value>> =>
  onTable('wine', ({ features, target }) => softmaxOn(standardise(features), target, 3))

/** The network 784-20-20-10 without biases, 16,280 weights, on the first digits of MNIST. */
export const mnistMlp = (count = 1000): E.Either<ReadError, Problem<readonly Value[]>> =>
  pipe(
    readMnist(count),
    E.map(({ images, labels }) => mlp({ features: images, labels, sizes: [784, 20, 20, 10] })),
  )

/** The family of 1,557-weight networks on `batch` of the first `count` digits of MNIST. */
export const mnistTinyCnn = ({
  count = 2000,
  batch = 200,
}: {
  readonly count?: number
  readonly batch?: number
} = {}): E.Either<ReadError, Family<Digits>> =>
  pipe(
    readMnist(count),
    E.map(({ images, labels }) => tinyCnnFamily({ images, labels, batch })),
  )
