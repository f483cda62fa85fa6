// Secant as its users write it: compiled programs (`jit`) where there is more than one operation, and the same eagerly.
import {
  add,
  dot,
  grad,
  hvp,
  logSumExp,
  matmul,
  mean,
  mul,
  neg,
  reshape,
  scan,
  sigmoid,
  sin,
  slice,
  softplus,
  square,
  sub,
  sum,
  tanh,
  valueAndGrad,
  valueAndGradBeside,
  vmap,
} from '@secant/autodiff'
import { jit } from '@secant/compile'
import { lstm, plainBfgs } from '@secant/experiments'
import * as linalg from '@secant/linalg'
import { bfgsUpdate, descend, gradientNorm, lbfgs, minimize, objectiveOf, run, strongWolfe } from '@secant/optim'
import { beginning, coordinatewise, givenSteps, heldConstant, lstmNetwork, unroll } from '@secant/policy'
import { batchOf, leastSquaresFamily } from '@secant/problems'
import { local } from './local.mjs'

const { fromData, isTensor } = linalg

/** All numbers of a nested result, one array for each tensor. */
const arraysIn = (tree) =>
  typeof tree === 'number'
    ? [[tree]]
    : isTensor(tree)
      ? [tree.data]
      : Object.values(tree).flatMap((child) => arraysIn(child))

// ---- The functions themselves

const logistic =
  ({ rows, labels, lambda }) =>
  (x) =>
    add(mean(softplus(neg(mul(labels, matmul(rows, x))))), mul(lambda / 2, dot(x, x)))

const lse =
  ({ rows, offsets }) =>
  (x) =>
    logSumExp(sub(matmul(rows, x), offsets))

/** In pairs of variables. */
const rosenbrock = (x) => {
  const [n] = x.shape
  const [odd, even] = [slice(x, [0], [n], [2]), slice(x, [1], [n], [2])]
  return sum(add(mul(100, square(sub(even, square(odd)))), square(sub(1, odd))))
}

const objectives = { logistic, lse, rosenbrock: () => rosenbrock }

const scores = ({ features, labels }, first, second) => {
  const given = matmul(sigmoid(matmul(features, first)), second)
  return mean(sub(logSumExp(given, { axes: [1] }), sum(mul(labels, given), { axes: [1] })))
}

const chain = (rounds) => (x) => {
  let y = x
  for (let i = 0; i < rounds; i++) y = mul(tanh(add(mul(sin(y), 1.1), 0.3)), 1.2)
  return y
}

const descended = (inputs) => (step) => {
  const f = logistic(inputs)
  const slope = grad(f)
  const [end] = scan((x, _) => [sub(x, mul(step, slope(x))), null], { length: inputs.steps })(inputs.x, null)
  return f(end)
}

/** Mean loss of the next step of a batch of runs, its gradient, and the runs after it: one step of CWSS's training. */
const cwss = ({ problems, n }) => {
  const family = leastSquaresFamily({ n, spread: 10 })
  const loss = ({ to, from }, { steps }) => add(sub(to.value, from.value), mul(1e-3, sum(square(sub(steps, 1)))))
  const unrolling = { policy: coordinatewise(plainBfgs, lstmNetwork()), measured: heldConstant(family.objective), loss }
  const [theta] = lstm.policy.start(n)(linalg.key(1))
  const { data, starts } = batchOf(family, linalg.split(linalg.key(2), problems))
  const runs = vmap((each, x) => beginning(unrolling)(theta, each, x))(data, starts)
  const stretch = unroll(unrolling)
  const step = (parameters, episodes) =>
    valueAndGradBeside((at) => {
      const [losses, next] = vmap((episode) => stretch(at, episode))(episodes)
      return [mean(losses), next]
    })(parameters)
  return [step, [theta, runs]]
}

const window = ({ first, second, features, labels, steps }) => {
  const parts = [first, second]
  const start = fromData(Float64Array.from(parts.flatMap(({ data }) => [...data])))
  const objective = (_, x) => {
    const cut = first.data.length
    return scores(
      { features, labels },
      reshape(slice(x, [0], [cut]), first.shape),
      reshape(slice(x, [cut], [start.data.length]), second.shape),
    )
  }
  const unrolling = { policy: givenSteps(lbfgs()), measured: heldConstant(objective), loss: ({ to }) => to.value }
  const theta = linalg.full([start.data.length], 0.5)
  const episode = beginning(unrolling)(theta, {}, start)
  const stretch = unroll(unrolling, steps)
  return [valueAndGrad((at) => stretch(at, episode)[0]), [theta]]
}

// ---- What is run

/** From a workload's inputs to a function and its arguments. */
const programs = {
  bfgs: ({ h, s, y }) => [(a, b, c) => bfgsUpdate(a, b, c), [h, s, y]],
  mlp: ({ first, second, ...data }) => [
    (weights) => valueAndGrad(([a, b]) => scores(data, a, b))(weights),
    [[first, second]],
  ],
  logistic: (inputs) => [valueAndGrad(logistic(inputs)), [inputs.x]],
  lse: (inputs) => [valueAndGrad(lse(inputs)), [inputs.x]],
  rosenbrock: ({ x }) => [valueAndGrad(rosenbrock), [x]],
  chain: ({ x, rounds }) => [valueAndGrad(chain(rounds)), [x]],
  unrolled: (inputs) => [valueAndGrad(descended(inputs)), [linalg.scalar(inputs.step)]],
  hvp: (inputs) => [hvp(logistic(inputs)), [inputs.x, inputs.v]],
  cwss,
  window,
}

const method = descend(lbfgs({ memory: 10 }), strongWolfe())
const limits = (bound) => ({ until: [gradientNorm(bound)], maxIterations: 1e5, maxEvaluations: 1e6 })

const minimized =
  (compile) =>
  ({ of, x, bound, ...inputs }) => {
    const f = objectives[of](inputs)
    return [() => minimize(f, x, { method, compile, ...limits(bound) }), (solution) => [solution.x.data]]
  }

/** Compiled once for many runs, as hand-written gradients are. */
const minimizedAgain = ({ of, x, bound, ...inputs }) => {
  const { objective, start } = objectiveOf(objectives[of](inputs), x, { compile: true })
  return [() => run(objective, method, start, limits(bound)), ({ best }) => [best.x.data]]
}

const called = (through) =>
  Object.fromEntries(
    Object.entries(programs).map(([kind, of]) => [
      kind,
      (inputs) => {
        const [f, args] = of(inputs)
        const g = through(f)
        return [() => g(...args), arraysIn]
      },
    ]),
  )

/** Single operations are calls of linalg. */
const operations = {
  matmul: ({ a, b }) => [() => linalg.matmul(a, b), arraysIn],
  matvec: ({ a, x }) => [() => linalg.matvec(a, x), arraysIn],
  dot: ({ x, y }) => [() => linalg.dot(x, y), arraysIn],
  axpy: ({ alpha, x, y }) => [() => linalg.axpy(alpha, x, y), arraysIn],
  cholesky: ({ a }) => [() => linalg.cholesky(a).right, arraysIn],
  solve: ({ a, b }) => [() => linalg.solve(a, b).right, arraysIn],
}

export const secant = local({
  name: 'Secant',
  note: 'linalg for single operations, jit for programs; runs of L-BFGS on an objective compiled before',
  table: { ...operations, ...called((f) => jit(f)), lbfgs: minimizedAgain },
})

/** A single run, compiling included. */
export const secantOnce = local({
  name: 'Secant, compiling',
  note: 'minimize with compile: true, from nothing',
  table: { lbfgs: minimized(true) },
})

/** Each result is the matrix of the next update, which is written into the memory of the one before. */
const updatedInPlace = ({ h, s, y }) => {
  const update = jit((a, b, c) => bfgsUpdate(a, b, c), { donate: [0] })
  let state = { ...h, data: h.data.slice() }
  return [
    () => {
      state = update(state, s, y)
      return state
    },
    arraysIn,
  ]
}

/** States that give up their memory. */
export const secantDonated = local({
  name: 'Secant, donated',
  note: 'jit with donate: an update is written into the memory of the matrix before',
  table: { bfgs: updatedInPlace },
})

/** The same without compiling. */
export const secantEager = local({
  name: 'Secant, eager',
  table: { ...called((f) => f), lbfgs: minimized(false) },
})

/** Everything in doubles and one operation after another. */
export const reference = local({ name: 'reference', table: { ...operations, ...called((f) => f) } })

/** The largest entry of the gradient at an end of a run. */
export const slopeAt = ({ of, ...inputs }, x) =>
  linalg.maxAbs(grad(objectives[of](inputs))(fromData(Float64Array.from(x))))
