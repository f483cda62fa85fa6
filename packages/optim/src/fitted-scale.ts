import { asValue, dot, mul, type Operand, safeDiv, type Value } from '@secant/autodiff'

/** The multiple of a number or diagonal γ that fits the curvature of a good pair: `s'y / y'y`, or `γ s'y / y'γy`. */
export const fittedScale = (gamma: Operand, sy: Value, y: Value, ok: Value): Operand =>
  asValue(gamma).shape.length === 0
    ? safeDiv(sy, dot(y, y), ok, gamma)
    : mul(gamma, safeDiv(sy, dot(y, mul(gamma, y)), ok, 1))
