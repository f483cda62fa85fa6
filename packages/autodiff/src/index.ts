export { vmap } from './batch.ts'
export { checkDerivative, type DerivativeCheck } from './check-derivative.ts'
export {
  asValue,
  bind,
  currentInterpreter,
  evaluator,
  type Interpreter,
  interpretWith,
  isTracer,
  type Operand,
  type Primitive,
  type Tangents,
  type Tracer,
  type Value,
  type Values,
} from './core.ts'
export { grad, linearize, valueAndGrad } from './gradient.ts'
export { add, div, mul, neg, sub } from './ops/arithmetic.ts'
export { cast, equal, greater, greaterEqual, safeDiv, stopGradient, where } from './ops/compare.ts'
export { exp, log, sigmoid, softplus, sqrt, square, tanh } from './ops/elementwise.ts'
export { dot, matmul, outer } from './ops/product.ts'
export { finite, logSumExp, max, mean, type Reduction, sum } from './ops/reduce.ts'
export { broadcastTo, concatenate, pad, reshape, slice, stack, transpose } from './ops/structure.ts'
export { primitive, type Rule } from './primitive.ts'
export { concrete, item } from './read.ts'
export {
  type Atom,
  evaluate,
  type Program,
  type Recording,
  record,
  recordValues,
  type Step,
  type Variable,
} from './record.ts'
export { hessian, hvp, jacobian, jvp, vjp } from './second-order.ts'
export { show } from './show.ts'
export { flatten, type Structure, sameStructure, unflatten } from './tree.ts'
