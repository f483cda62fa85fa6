// A policy of one's own: written, trained on random problems, and measured on others.
import { add, matmul, type Value } from '@secant/autodiff'
import {
  compete,
  leastSquares,
  lessonFrom,
  lessonWork,
  plainBfgs,
  planOf,
  reference,
  speedup,
  variantOf,
  withGuard,
} from '@secant/experiments'
import { zeros } from '@secant/linalg'
import { coordinatewise, inProcess, type Network, train } from '@secant/policy'

/** Steps from x, g and d of each variable by four numbers: that of BFGS, where they are 0. */
const linear: Network<{ readonly weights: Value; readonly bias: Value }, null> = {
  name: 'linear',
  start: (key) => [{ weights: zeros([3]), bias: zeros([]) }, key],
  init: () => null,
  apply: ({ weights, bias }, state, rows) => [add(matmul(rows, weights), bias), state],
}

const variant = variantOf('linear', 'linear steps', coordinatewise(plainBfgs, linear))
const recipe = { ...leastSquares.recipe, batch: 4, chunks: 1, episodes: 4, steps: 40, rate: 0.02 }
const lesson = { subject: leastSquares, variant, recipe, seed: 1 }

let training = lessonFrom(lesson)
for await (training of train(planOf(lesson), inProcess(lessonWork(lesson)), training));
training.updates // => 160

const contenders = [reference, withGuard({ lesson, theta: training.theta })]
const rows = [...compete({ subject: leastSquares, n: 30, problems: 4, contenders }, () => Date.now() / 1000)]
const [backtracking, learned] = rows as [(typeof rows)[0], (typeof rows)[0]]
speedup(learned, backtracking) // => 1.17
