import { concrete } from '@secant/autodiff'
import { dot, mul, type Tensor } from '@secant/linalg'
import { type Descent, type Direction, iterates, type Method, objectiveOf, type Point } from '@secant/optim'
import { type Diagonal, distanceFromOne } from '@secant/policy'
import type { TestProblem } from './comparison.ts'
import { deployed } from './contender.ts'

/** The step sizes p of one iteration, with d the direction that they scale and g the gradient. */
export interface Observation {
  readonly k: number
  readonly gap: number
  readonly mean: number
  readonly quartiles: readonly [number, number, number]
  /** ‖(P − I)d‖ / ‖d‖: superlinear convergence needs it to vanish. */
  readonly distance: number
  /** c / g'd with c = Σ pᵢgᵢdᵢ: descent is c > 0. */
  readonly descent: number
  /** ε = (κ − 1) / (κ + 1) of κ = max p / min p, and ρ = g'd / Σ|gᵢdᵢ|: all p of that box descend where ε < ρ. */
  readonly epsilon: number
  readonly rho: number
}

const quantile = (sorted: Float64Array, share: number): number => {
  const place = share * (sorted.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  const [a, b] = [sorted[low] as number, sorted[high] as number]
  return a + (b - a) * (place - low)
}

const observed = (k: number, gap: number, { grad }: Point, memory: Diagonal): Observation => {
  const [p, d] = [concrete(memory.steps), concrete(memory.along)]
  const sorted = Float64Array.from(p.data).sort()
  const products = mul(grad, d)
  const slope = dot(grad, d)
  const kappa = (sorted.at(-1) as number) / (sorted[0] as number)
  return {
    k,
    gap,
    mean: sorted.reduce((sum, a) => sum + a, 0) / sorted.length,
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)],
    distance: concrete(distanceFromOne(memory)).data[0] as number,
    descent: dot(p, products) / slope,
    epsilon: (kappa - 1) / (kappa + 1),
    rho: Math.abs(slope) / Float64Array.from(products.data).reduce((sum, a) => sum + Math.abs(a), 0),
  }
}

/** What a guarded policy chooses on its way to a gap of `tolerance`, relative to the first. */
export const observe = (
  direction: Direction<Diagonal>,
  { instance, minimum }: TestProblem,
  { tolerance = 1e-8, maxIterations = 400 }: { readonly tolerance?: number; readonly maxIterations?: number } = {},
): readonly Observation[] => {
  const { objective } = objectiveOf<Tensor>((x) => instance.objective(x), instance.start)
  const method: Method<Descent<Diagonal>> = deployed(direction)
  const seen: Observation[] = []
  let before: Point | undefined
  let first = Number.NaN
  for (const { point, state, counts } of iterates(objective, method, instance.start, { until: [], maxIterations })) {
    if (before === undefined) first = point.value - minimum
    else seen.push(observed(counts.iterations - 1, (before.value - minimum) / first, before, state.memory))
    if (point.value - minimum <= tolerance * first) break
    before = point
  }
  return seen
}
