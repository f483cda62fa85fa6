export { cholesky, type NotPositiveDefinite, solveCholesky } from './cholesky.ts'
export { type CgFailure, type CgOptions, type CgSolution, conjugateGradients } from './conjugate-gradients.ts'
export { convolve, convolvedShape, convolveToImage, convolveToKernel } from './convolution.ts'
export { cumulativeSum, linearRecurrence, type Order } from './cumulative.ts'
export { cofactors, determinant, type LogDeterminant, logDeterminant } from './determinant.ts'
export { add, cast, div, map, mul, neg, scale, scaleDown, sub, where, zip } from './elementwise.ts'
export { erf, erfc } from './error-function.ts'
export { matrixSides, rightHandSides, squareOrder } from './float-matrix.ts'
export { digamma, lgamma, polygamma } from './gamma-function.ts'
export { type Picking, pickedShape, scatter, take } from './indexing.ts'
export { leastSquares, type RankDeficient } from './least-squares.ts'
export { adjointOf, composeMaps, identityMap, type LinearMap, selfAdjoint } from './linear-map.ts'
export { type Lu, lu, solveLu } from './lu.ts'
export { matmul, matvec, outer, type Transposes } from './matmul.ts'
export { matrixExponential } from './matrix-exponential.ts'
export { matrixMap } from './matrix-map.ts'
export { power } from './power.ts'
export { type Qr, qr } from './qr.ts'
export { exponential, gumbel, normal } from './random/continuous.ts'
export { bernoulli, categorical, randint } from './random/discrete.ts'
export { type Draw, drawing } from './random/draw.ts'
export { foldIn, type Key, key, split } from './random/key.ts'
export { permutation } from './random/permutation.ts'
export { type FloatType, uniform } from './random/uniform.ts'
export { argmax, argmin, max, min, norms, sum } from './reduce.ts'
export {
  broadcastShapes,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  stridesOf,
} from './shape.ts'
export { inverse, solve } from './solve.ts'
export { argsort, type Sorting } from './sort.ts'
export { broadcast, concatenate, flip, pad, reshape, slice, transpose } from './structure.ts'
export { pseudoInverse, type Svd, svd } from './svd.ts'
export { type NotConverged, type SymmetricEigen, symmetricEigen } from './symmetric-eigen.ts'
export {
  allocate,
  type DType,
  eye,
  fromData,
  full,
  isFloat,
  isTensor,
  type Nested,
  ones,
  scalar,
  type Tensor,
  type TensorType,
  type TypedArray,
  tensor,
  toNested,
  unitRoundoff,
  zeros,
} from './tensor.ts'
export { type Singular, solveTriangular, type Triangle } from './triangular.ts'
export { axpy, dot, maxAbs, norm } from './vector.ts'
export { overlapAdd, type Pair, type Window, windows, windowsShape } from './windows.ts'
