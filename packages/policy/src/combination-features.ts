import {
  clip,
  div,
  dot,
  greater,
  log,
  logicalAnd,
  matmul,
  mul,
  norm,
  type Operand,
  safeDiv,
  stack,
  type Value,
  where,
} from '@secant/autodiff'
import { hasCurvature } from '@secant/optim'

/** What the weights of updates are chosen from. */
export interface BeforeUpdate {
  /** The inverse Hessian that the last pair has not entered yet. */
  readonly inverse: Value
  readonly step: Value
  readonly change: Value
  /** The gradient of the last proposal, and the inverse Hessian times it. */
  readonly before: Value
  readonly scaled: Value
  readonly gradient: Value
  /** The gradient times what the first of the updates makes of the inverse Hessian. */
  readonly first: Value
}

/** What a network of weights is told about all updates, `[features]`. */
export type CombinationFeatures = (seen: BeforeUpdate) => Value

/** log(a / b), 0 where one of them is not positive. */
const logRatio = (a: Value, b: Value): Value => {
  const ok = logicalAnd(greater(a, 0), greater(b, 0))
  return log(where(ok, safeDiv(a, b, ok, 1), 1))
}

const cosine = (a: Value, b: Value): Value => {
  const lengths = mul(norm(a), norm(b))
  return safeDiv(dot(a, b), lengths, greater(lengths, 0))
}

/**
 * Six numbers that do not change with the scales of f and x: `log(y'Hy / s'y)`, `log(g'd / g₋'d₋) / 5`, `cos∠(g, d)`,
 * `g's / s'y`, `log(d'd / s's) / 5` and `cos∠(g, g₋)`, where d is the first update's H⁺g and g₋, d₋ are those of the
 * last proposal; logarithms that are divided are cut at ±10 before. All are 0 without a pair that carries curvature.
 */
export const scaleFree: CombinationFeatures = ({ inverse, step, change, before, scaled, gradient, first }) => {
  const ok = hasCurvature(step, change, 1e-10)
  const curvature = dot(step, change)
  const fifth = (a: Value): Value => div(clip(a, -10, 10), 5 as Operand)
  const row = stack([
    logRatio(dot(change, matmul(inverse, change)), curvature),
    fifth(logRatio(dot(gradient, first), dot(before, scaled))),
    cosine(gradient, first),
    safeDiv(dot(gradient, step), curvature, ok),
    fifth(logRatio(dot(first, first), dot(step, step))),
    cosine(gradient, before),
  ])
  return where(ok, row, 0)
}
