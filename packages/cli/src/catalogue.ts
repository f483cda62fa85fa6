/** The names of the command line and what they stand for; nothing else in Secant is found by a string. */
import { deployed, logistic } from '@secant/experiments'
import { shippedWeights } from '@secant/experiments/node'
import type { Tensor } from '@secant/linalg'
import {
  adam,
  backtracking,
  bfgs,
  type Descent,
  descend,
  fixed,
  following,
  type Iterate,
  iterates,
  lbfgs,
  type Method,
  type Objective,
  type ObjectiveOptions,
  objectiveOf,
  type Run,
  type RunOptions,
  steepest,
  strongWolfe,
} from '@secant/optim'
import type { Diagonal } from '@secant/policy'
import { type Problem, rosenbrock } from '@secant/problems'
import { breastCancer, digits, iris, mnistMlp, type ReadError, wine } from '@secant/problems/node'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { Failure } from './failure.ts'

/** A problem as an objective on vectors. */
export interface Task {
  readonly name: string
  readonly title: string
  readonly n: number
  readonly objective: Objective
  readonly start: Tensor
  readonly minimum?: number
}

/** A method that can be run on any task; `largest` is the size above which its memory does not fit. */
export interface Contender {
  readonly name: string
  readonly title: string
  readonly largest: number
  readonly options: Readonly<Record<string, unknown>>
  readonly begin: (task: Task, options: RunOptions) => Generator<Iterate<Descent<unknown>>, Run<Descent<unknown>>>
}

const asTask = <X>(
  name: string,
  title: string,
  { n, objective, start, minimum }: Problem<X>,
  how: ObjectiveOptions,
): Task => {
  const flattened = objectiveOf(objective, start, how)
  const task = { name, title, n, objective: flattened.objective, start: flattened.start }
  return minimum === undefined ? task : { ...task, minimum }
}

/** How its objective is evaluated is the caller's choice. */
type Load = (how: ObjectiveOptions) => E.Either<ReadError, Task>

const loading = <X>(
  name: string,
  title: string,
  load: () => E.Either<ReadError, Problem<X>>,
): readonly [string, Load] => [
  name,
  (how) =>
    pipe(
      load(),
      E.map((problem) => asTask(name, title, problem, how)),
    ),
]

/** Problems by name. */
export const problems: ReadonlyMap<string, Load> = new Map([
  loading('breast-cancer', 'logistic regression, breast cancer (569 × 31)', breastCancer),
  loading('digits', 'softmax regression, 8×8 digits (1,797 × 650)', digits),
  loading('mnist-mlp', 'MLP 784-20-20-10, 1,000 MNIST digits', () => mnistMlp(1000)),
  loading('iris', 'softmax regression, iris (150 × 15)', iris),
  loading('wine', 'softmax regression, wine (178 × 42)', wine),
  loading('rosenbrock', 'Rosenbrock, n = 100', () => E.right(rosenbrock(100))),
])

/** What `secant compare` runs when nothing is named, and what takes the place of files that were not published. */
export const defaultProblems: readonly string[] = ['breast-cancer', 'digits', 'mnist-mlp']
export const fallbacks: ReadonlyMap<string, string> = new Map([['mnist-mlp', 'wine']])

const contender = <M>(
  name: string,
  title: string,
  method: Method<Descent<M>>,
  options: Readonly<Record<string, unknown>>,
  largest = Number.POSITIVE_INFINITY,
): readonly [string, Contender] => [
  name,
  { name, title, largest, options, begin: (task, limits) => iterates(task.objective, method, task.start, limits) },
]

const wolfe = { promises: ['strong Wolfe', 'secant equation'], c1: 1e-4, c2: 0.9 }

/** BFGS with learned steps, guarded: the parameters that were trained on logistic regression, whatever the problem. */
const learnedSteps = (): Method<Descent<Diagonal>> => {
  const found = shippedWeights(logistic)
  if (E.isLeft(found)) throw new Failure('failed', `cwss: ${found.left}`)
  const { lesson, theta } = found.right
  return deployed(lesson.variant.policy.direction(theta))
}

/** Methods by name, in the order of the tables. */
export const methods: ReadonlyMap<string, Contender> = new Map([
  contender('gradient-descent', 'gradient descent', descend(steepest(), backtracking({ initial: 4 })), {
    search: 'backtracking',
    promises: ['Armijo'],
    c1: 1e-4,
    initial: 4,
    shrink: 0.5,
  }),
  contender('adam', 'Adam', descend(following(adam({ rate: 0.05 })), fixed(1)), { rate: 0.05 }),
  contender('bfgs', 'BFGS', descend(bfgs(), strongWolfe()), { search: 'strong Wolfe', ...wolfe }, 2000),
  contender('lbfgs', 'L-BFGS', descend(lbfgs({ memory: 10 }), strongWolfe()), {
    search: 'strong Wolfe',
    ...wolfe,
    memory: 10,
  }),
  [
    'cwss',
    {
      name: 'cwss',
      title: 'CWSS',
      largest: 2000,
      options: { search: 'backtracking', trained: logistic.name, seed: 1 },
      begin: (task, limits) => iterates(task.objective, learnedSteps(), task.start, limits),
    },
  ],
])
