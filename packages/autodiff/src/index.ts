export { vmap } from './batch.ts'
export {
  checkDerivative,
  checkDerivatives,
  type DerivativeCheck,
  type DerivativesReport,
  type DirectionCheck,
  showChecks,
  slopeByDifferences,
} from './check-derivative.ts'
export { boundedWhile } from './control/bounded-while.ts'
export { checkpoint } from './control/checkpoint.ts'
export { type CheckpointParams, checkpointPrimitive } from './control/checkpoint-primitive.ts'
export { cond, switchCase } from './control/cond.ts'
export { foriLoop } from './control/fori-loop.ts'
export { linearTranspose } from './control/linear-transpose.ts'
export { type ScanOptions, scan } from './control/scan.ts'
export { type SegmentOptions, scanInSegments } from './control/scan-in-segments.ts'
export { type ScanParams, scanPrimitive } from './control/scan-primitive.ts'
export { type SwitchParams, switchPrimitive } from './control/switch-primitive.ts'
export { whileLoop } from './control/while-loop.ts'
export { type WhileParams, whilePrimitive } from './control/while-primitive.ts'
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
  zeroMap,
} from './core.ts'
export { customDerivative } from './custom-derivative.ts'
export { withoutDeadSteps } from './dead-steps.ts'
export { grad, linearize, valueAndGrad } from './gradient.ts'
export { valueAndGradBeside } from './gradient-beside.ts'
export {
  denseLayout,
  type EntryArithmetic,
  type Formula,
  type Layout,
  type Lower,
  type Lowering,
  reshaped,
} from './lowering.ts'
export { mapTree } from './map-tree.ts'
export { oneByOne } from './one-by-one.ts'
export { gelu, relu, sigmoid, silu, softplus } from './ops/activation.ts'
export { add, div, mul, neg, scale, sub } from './ops/arithmetic.ts'
export { expandDims, flip, repeat, roll, split, squeeze, tile } from './ops/arrange.ts'
export { cholesky, choleskyOrNaN } from './ops/cholesky.ts'
export {
  cast,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
  safeDiv,
  stopGradient,
  where,
} from './ops/compare.ts'
export { type SolveFailure, solveSymmetric, solveSymmetricOrNaN } from './ops/conjugate-gradients.ts'
export { type AxisPairs, type Contraction, contract } from './ops/contract.ts'
export { conv1d, conv2d, depthwiseConv2d, type Sliding1d } from './ops/convolution.ts'
export { cumulativeProduct, cumulativeSum, linearRecurrence } from './ops/cumulative.ts'
export { determinant, type LogDeterminantValues, logDeterminant } from './ops/determinant.ts'
export { diag, diagonal, trace, triangle } from './ops/diagonal.ts'
export { einsum } from './ops/einsum.ts'
export {
  acos,
  asin,
  atan,
  cos,
  cosh,
  exp,
  expm1,
  log,
  log1p,
  reciprocal,
  sin,
  sinh,
  sqrt,
  square,
  tan,
  tanh,
} from './ops/elementwise.ts'
export { oneHot, scatterAdd, take, takeAlong } from './ops/indexing.ts'
export { leastSquares, leastSquaresOrNaN } from './ops/least-squares.ts'
export { matrixExponential } from './ops/matrix-exponential.ts'
export { abs, ceil, clip, floor, maximum, minimum, sign } from './ops/piecewise.ts'
export { averagePool2d, maxPool2d } from './ops/pooling.ts'
export { atan2, hypot, pow } from './ops/power.ts'
export { dot, matmul, outer } from './ops/product.ts'
export { type QrValues, qr } from './ops/qr.ts'
export {
  foldInKey,
  keyValue,
  randomInteger,
  randomNormal,
  randomPermutation,
  randomUniform,
  splitKey,
} from './ops/random.ts'
export {
  all,
  any,
  argmax,
  argmin,
  finite,
  logAddExp,
  logSumExp,
  max,
  mean,
  min,
  norm,
  prod,
  type Reduction,
  sum,
  variance,
} from './ops/reduce.ts'
export { inverse, inverseOrNaN, solve, solveOrNaN } from './ops/solve.ts'
export { argsort, sort, topK } from './ops/sort.ts'
export { digamma, erf, erfc, lgamma, polygamma } from './ops/special.ts'
export { broadcastTo, concatenate, pad, reshape, slice, stack, transpose } from './ops/structure.ts'
export { type SvdValues, svd, svdOrNaN } from './ops/svd.ts'
export { type SymmetricEigenValues, symmetricEigen, symmetricEigenOrNaN } from './ops/symmetric-eigen.ts'
export { solveTriangular } from './ops/triangular.ts'
export { type Padding, type Sliding, windows } from './ops/windows.ts'
export { primitive, type Rule } from './primitive.ts'
export { concrete, item } from './read.ts'
export {
  type Atom,
  evaluate,
  isStepOf,
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
