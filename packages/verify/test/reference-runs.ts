/** Runs on which theorems are shown to hold; `docs/theorems.md` tells their slack. */
import type { Value } from '@secant/autodiff'
import {
  dot,
  fromData,
  key,
  map,
  matmul,
  matvec,
  mul,
  normal,
  outer,
  split,
  sub,
  type Tensor,
  tensor,
  zip,
} from '@secant/linalg'
import {
  adam,
  backtracking,
  bfgs,
  type Direction,
  descend,
  exactQuadratic,
  fixed,
  following,
  gradientNorm,
  hagerZhang,
  lbfgs,
  type Method,
  type Objective,
  type RunOptions,
  steepest,
  strongWolfe,
} from '@secant/optim'
import { frozen, givenSteps, gradientDecrease, guarded, unitStepIf } from '@secant/policy'
import { type Known, type Trace, type TraceIterate, traceOf } from '@secant/verify'
import { bent, bowl, diagonal, logCosh, rotated, spectrum } from './problems.ts'

/** A run and what is known of it. */
export interface Reference {
  readonly trace: Trace
  readonly known: Known
}

export const [mu, L, n] = [1, 10, 5]
export const hessian: Tensor = rotated(spectrum(n, mu, L))
const centre = tensor([1, -2, 0.5, 0, 3])
export const start = tensor([3, 1, -1, 2, 0])
export const quadratic: Objective = bowl(hessian, centre)
export const ofQuadratic: Known = { hessian, minimizer: [1, -2, 0.5, 0, 3], minimum: 0, objective: quadratic }

export const until: RunOptions = { until: [gradientNorm(1e-9)] }

export const run = <S>(
  objective: Objective,
  method: Method<S>,
  from: Tensor,
  known: Known,
  options = until,
): Reference => ({
  trace: traceOf(objective, method, from, options),
  known,
})

/** Steepest descent with one step size, for so many steps. */
export const gradientRun = (alpha: number, steps = 40): Reference =>
  run(quadratic, descend(steepest(), fixed(alpha)), start, ofQuadratic, { maxIterations: steps, until: [] })

/** The start from which exact steepest descent is as slow as it can be: both ends of the spectrum, in balance. */
export const slowestStart = tensor([1 / mu, 0, 0, 0, 1 / L])
const alongAxes = diagonal(spectrum(n, mu, L))

const slowest = (): Reference =>
  run(bowl(alongAxes, tensor([0, 0, 0, 0, 0])), descend(steepest(), exactQuadratic()), slowestStart, {
    hessian: alongAxes,
    minimum: 0,
  })

export const scaleOf = (factor: number) => ({ initialScale: () => factor })

const bentRun = (method: Method<unknown>, from: Tensor): Reference =>
  run(
    bent(bentHessian, 1),
    method,
    from,
    {
      L: 10 + 4,
      mu: 1,
      minimum: 0,
      minimizer: [0, 0, 0, 0],
      hessianAtMinimizer: bentHessian,
      hessianLipschitz: 2 * 2,
    },
    { until: [gradientNorm(1e-13)] },
  )

export const bentHessian: Tensor = rotated(spectrum(4, 1, 10))

/** BFGS from a matrix of one's choice. */
export const bfgsFrom = (inverse: Tensor): Direction<Value> => ({ ...bfgs(), init: () => inverse })

const closeRun = (): Reference => {
  const inverse = rotated(spectrum(4, 1, 10).map((value) => 1 / value))
  return run(
    bent(bentHessian, 1),
    descend(bfgsFrom(inverse), fixed(1)),
    tensor([3e-3, -3e-3, 2e-3, 3e-3]),
    {
      L: 10 + 1e-4,
      mu: 1,
      minimum: 0,
      minimizer: [0, 0, 0, 0],
      hessianAtMinimizer: bentHessian,
      hessianLipschitz: 2 * 3e-3,
      initialInverse: inverse,
    },
    { until: [gradientNorm(1e-13)] },
  )
}

/** BFGS on a bent bowl with steps p = 1 + ½ decayᵏ (±1): they tend to 1, or they do not. */
export const scheduledRun = (decay: number): Reference => {
  const direction = bfgs(scaleOf(1 / 12))
  const objective = bent(bentHessian, 1)
  const from = tensor([1, -1, 1, 1])
  let memory = direction.init(objective.point(from))
  const trace = traced('BFGS by a schedule', objective, from, 24, (at, k) => {
    const [d, proposing] = direction.propose(memory, at)
    const p = Float64Array.of(1, -1, -1, 1).map((sign) => 1 + 0.5 * decay ** k * sign)
    const x = zip(at.x, mul(fromData(p), d as Tensor), (entry, by) => entry + by)
    memory = direction.observe(proposing, { from: at, to: objective.point(x), alpha: 1 })
    return { x, said: { d: Array.from((d as Tensor).data), p: Array.from(p) } }
  })
  return {
    trace,
    known: { minimizer: [0, 0, 0, 0], minimum: 0, hessianAtMinimizer: bentHessian, hessianLipschitz: 4, L: 14, mu: 1 },
  }
}

/** Mild: the spreads of H and P stay so small that theorem 3 applies to the whole run. */
const mildHessian = rotated(spectrum(n, 1, 1.5))
const stepSizes = tensor([0.9, 1, 0.8, 0.95, 0.85])

export const coordinatewiseRun = (p: Tensor, a: Tensor, first: number): Reference => {
  const objective = bowl(a, centre)
  const direction = frozen(givenSteps(bfgs(scaleOf(first))), p)
  return run(
    objective,
    descend(direction, fixed(1)),
    start,
    { hessian: a, minimum: 0, objective, promises: ['descent'] },
    { maxIterations: 25, until: [gradientNorm(1e-10)] },
  )
}

const wildSteps = tensor([1.9, 0.1, 1.5, 0.3, 0.7])

const guardedRun = (delta: number, fallback: 'fixed' | 'backtracking'): Reference => {
  const direction = frozen(givenSteps(bfgs(scaleOf(1))), wildSteps)
  const search = fallback === 'fixed' ? fixed(1 / L) : backtracking({ c1: 0.1, shrink: 0.5, initial: 1 })
  const method = guarded(direction, unitStepIf(gradientDecrease(delta)), {
    along: (_, at) => map(at.grad as Tensor, (g) => -g),
    search,
  })
  return run(quadratic, method, start, { ...ofQuadratic, delta, c1: 0.1, shrink: 0.5, initialStep: 1 })
}

const iterate = (k: number, { x, value, grad }: ReturnType<Objective['point']>): TraceIterate => ({
  k,
  x: Array.from(x.data),
  f: value,
  g: Array.from(grad.data),
  evaluations: k + 1,
  seconds: 0,
})

/** A trace of whatever chooses the next point and says what it did. */
export const traced = (
  method: string,
  objective: Objective,
  from: Tensor,
  steps: number,
  next: (
    at: ReturnType<Objective['point']>,
    k: number,
  ) => { readonly x: Tensor; readonly said?: Partial<TraceIterate> },
): Trace => {
  const lines: TraceIterate[] = []
  let at = objective.point(from)
  for (let k = 0; k < steps; k++) {
    const { x, said = {} } = next(at, k)
    lines.push({ ...iterate(k, at), ...said })
    at = objective.point(x)
  }
  return { header: { method, n: from.data.length, options: {} }, iterates: [...lines, iterate(steps, at)] }
}

/** Hypergradient descent on step sizes with null steps. */
export const hypergradientRun = (eta: number, steps = 60): Reference => {
  const [least, most] = [0, 1]
  let p = Float64Array.from({ length: n }, () => 0.3)
  const trace = traced('hypergradient descent', quadratic, start, steps, (at) => {
    const used = p
    const proposed = quadratic.point(zip(at.x, mul(fromData(used), at.grad), (x, pg) => x - pg))
    const gg = dot(at.grad, at.grad)
    p = used.map((size, i) => {
      const slope = (-(proposed.grad.data[i] as number) * (at.grad.data[i] as number)) / gg
      return Math.min(most, Math.max(least, size - eta * slope))
    })
    return {
      x: proposed.value < at.value ? proposed.x : at.x,
      said: { d: Array.from(at.grad.data, (g) => -g), p: Array.from(used) },
    }
  })
  return { trace, known: { ...ofQuadratic, L, mu, hypergradient: { eta, least, most } } }
}

export const adamConstants = { rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

const adamRun = (): Reference =>
  run(
    quadratic,
    descend(following(adam(adamConstants)), fixed(1)),
    start,
    { ...ofQuadratic, adam: adamConstants },
    { maxIterations: 100, until: [] },
  )

/** The bowl that drifts: a place is measured after the minimizer has moved. */
export const noisyRun = (method: 'Newton' | 'gradient descent' | 'heavy ball', steps = 1000, seed = 1): Reference => {
  const values = spectrum(n, 0.05, 1)
  const a = diagonal(values)
  const noise = normal(key(seed), [steps + 1, n])
  let [c, v, k] = [new Float64Array(n), new Float64Array(n), 0]
  const objective: Objective = {
    value: () => Number.NaN,
    point: (x) => {
      c = c.map((entry, i) => entry + (noise.data[k * n + i] as number))
      k++
      return bowl(a, fromData(c)).point(x)
    },
  }
  const [rate, momentum] = [1.5, method === 'heavy ball' ? 0.4 : 0]
  const trace = traced(method, objective, tensor([0, 0, 0, 0, 0]), steps, ({ x, grad }) => {
    v = v.map((entry, i) => {
      const g = grad.data[i] as number
      return method === 'Newton' ? -g / (values[i] as number) : momentum * entry - rate * g
    })
    return { x: zip(x, fromData(v), (from, by) => from + by) }
  })
  const common: Known = { hessian: a, drift: 1 }
  return { trace, known: method === 'heavy ball' ? { ...common, heavyBall: { rate, momentum } } : common }
}

/** The mean over replicas of diag(I − GH) where a dense G is learned by plain hypergradient descent. */
export const learningRun = (eta = 0.03, steps = 120, replicas = 150): Reference => {
  const values = [0.3, 0.5, 0.8, 1]
  const h = diagonal(values)
  const squared = matmul(h, h)
  const total = Array.from({ length: steps + 1 }, () => new Float64Array(4))
  for (const seed of split(key(7), replicas)) {
    const noise = normal(seed, [steps + 30, 4])
    let a: Tensor = diagonal([0.7, 0.5, 0.2, 0])
    let b: Tensor = tensor([0, 0, 0, 0])
    for (let t = -30; t < steps; t++) {
      if (t >= 0)
        for (let i = 0; i < 4; i++)
          (total[t] as Float64Array)[i] = ((total[t] as Float64Array)[i] as number) + (a.data[i * 5] as number)
      const s = fromData((noise.data as Float64Array).subarray((t + 30) * 4, (t + 31) * 4))
      const next = sub(matvec(a, b), s)
      // Before time 0 only the error settles.
      if (t >= 0) a = zip(a, outer(matvec(h, next), matvec(squared, b)), (entry, change) => entry - eta * change)
      b = next
    }
    for (let i = 0; i < 4; i++)
      (total[steps] as Float64Array)[i] = ((total[steps] as Float64Array)[i] as number) + (a.data[i * 5] as number)
  }
  const iterates = total.map(
    (sums, k): TraceIterate => ({
      k,
      x: Array.from(sums, (sum) => sum / replicas),
      f: 0,
      g: [0, 0, 0, 0],
      evaluations: k,
      seconds: 0,
    }),
  )
  const trace: Trace = { header: { method: 'dense hypergradient descent', n: 4, options: {} }, iterates }
  return { trace, known: { hessian: h, drift: 1, learningRate: eta } }
}

const promise = (reference: Reference, known: Known): Reference => ({
  ...reference,
  known: { ...reference.known, ...known },
})

/** Reference runs by name, the extremal ones first: they show equality where there is one. */
export const references: ReadonlyMap<string, () => Reference> = new Map([
  ['exact steepest descent from its slowest start', slowest],
  ['gradient descent with α = 2/(μ + L)', () => gradientRun(2 / (mu + L))],
  ['gradient descent with α = 1/L', () => gradientRun(1 / L)],
  [
    'gradient descent with backtracking',
    () =>
      promise(run(quadratic, descend(steepest(), backtracking({ c1: 0.1, shrink: 0.5 })), start, ofQuadratic), {
        c1: 0.1,
        shrink: 0.5,
        initialStep: 1,
        promises: ['Armijo'],
      }),
  ],
  [
    'BFGS with exact search on a quadratic',
    () =>
      promise(run(quadratic, descend(bfgs(scaleOf(1 / L)), exactQuadratic()), start, ofQuadratic), {
        promises: ['Goldstein', 'secant equation'],
        c1: 0.25,
      }),
  ],
  [
    'unit-step BFGS on a quadratic, B₀ = LI',
    () => run(quadratic, descend(bfgs(scaleOf(1 / L)), fixed(1)), start, ofQuadratic),
  ],
  [
    'BFGS with a strong Wolfe search on a quadratic',
    () =>
      promise(run(quadratic, descend(bfgs(scaleOf(1 / L)), strongWolfe({ c1: 0.1, c2: 0.7 })), start, ofQuadratic), {
        c1: 0.1,
        c2: 0.7,
        promises: ['strong Wolfe', 'secant equation'],
      }),
  ],
  [
    'gradient descent by Hager and Zhang’s search on Σ ln cosh',
    () =>
      run(logCosh(0.1), descend(steepest(), hagerZhang()), start, {
        L: 1.1,
        mu: 0.1,
        minimum: 0,
        minimizer: [0, 0, 0, 0, 0],
        promises: ['approximate Wolfe'],
        c1: 0.1,
        c2: 0.9,
      }),
  ],
  [
    'BFGS with a strong Wolfe search on a bent bowl',
    () => bentRun(descend(bfgs(), strongWolfe()) as Method<unknown>, tensor([1, -1, 1, 1])),
  ],
  ['unit-step BFGS close to the minimizer of a bent bowl, B₀ = G', closeRun],
  [
    'L-BFGS with a strong Wolfe search on a quadratic',
    () => run(quadratic, descend(lbfgs({ memory: 3 }), strongWolfe()), start, ofQuadratic),
  ],
  [
    'L-BFGS with exact search on a quadratic',
    () => run(quadratic, descend(lbfgs({ memory: 2 }), exactQuadratic()), start, ofQuadratic),
  ],
  ['coordinate-wise steps on BFGS', () => coordinatewiseRun(stepSizes, mildHessian, 1 / 1.5)],
  ['BFGS with coordinate-wise steps that tend to 1', () => scheduledRun(0.6)],
  ['wild coordinate-wise steps, guarded by a gradient step', () => guardedRun(1 / (4 * L), 'fixed')],
  ['wild coordinate-wise steps, guarded by backtracking', () => guardedRun(1 / (4 * L), 'backtracking')],
  ['hypergradient descent', () => hypergradientRun(0.05)],
  ['Adam on a quadratic', adamRun],
  ['Newton on the noisy bowl', () => noisyRun('Newton')],
  ['gradient descent on the noisy bowl', () => noisyRun('gradient descent')],
  ['heavy ball on the noisy bowl', () => noisyRun('heavy ball')],
  ['a dense inverse Hessian learned on the noisy bowl', () => learningRun()],
])
