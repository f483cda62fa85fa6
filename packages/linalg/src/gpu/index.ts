export { type Automatic, type AutoOptions, auto, type Considered, measuredOn } from './auto.ts'
export {
  bfgsWork,
  type Calibration,
  type Costs,
  calibrate,
  crossover,
  decodeCalibrations,
  lbfgsWork,
  productWork,
  secondsFor,
  type Work,
} from './cost.ts'
export {
  type BackEnd,
  type Buffer,
  type Check,
  type Device,
  type DeviceError,
  type Engine,
  explainDeviceError,
  type GpuMode,
  type Identity,
} from './device.ts'
export {
  abs,
  add,
  and,
  ceil,
  div,
  type Elementwise,
  equal,
  finite,
  floor,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  or,
  reciprocal,
  scale,
  scaleDown,
  share,
  sign,
  sqrt,
  square,
  sub,
  trunc,
  where,
} from './elementwise.ts'
export { map, number, zip } from './entrywise.ts'
export { cholesky, lu } from './factorize.ts'
export { verifying } from './freivalds.ts'
export {
  acos,
  asin,
  atan,
  atan2,
  cos,
  cosh,
  exp,
  expm1,
  log,
  log1p,
  pow,
  sigmoid,
  sin,
  sinh,
  softplus,
  tan,
  tanh,
} from './functions.ts'
export { type GpuOptions, gpu } from './gpu.ts'
export { cpu, type HostProduct, hostEngine } from './host.ts'
export type { Arithmetic, KernelPrecision, Precision } from './kernels/arithmetic.ts'
export { type Loop, mostArguments, type PreparedLoop, prepareLoop, runLoop } from './loop.ts'
export { deviceOf } from './open.ts'
export type { Access, Fold, Fused, Guard, Instruction, Operation } from './operation.ts'
export { addProduct, matmul, matvec, outer, rankOne, rankTwo } from './products.ts'
export { residentBfgs, residentInverse, residentLbfgs, type SecantHistory, type SecantPair } from './quasi-newton.ts'
export { dot, max, min, sum } from './reductions.ts'
export { type Refined, refined, solve, solvePositive } from './refine.ts'
export {
  type DeviceTensor,
  layoutOf,
  read,
  release,
  type Scope,
  throughHost,
  upload,
  within,
  withScope,
} from './scope.ts'
export { broadcast, entriesFrom, reshape, slice, stack, takeRows, transpose } from './structure.ts'
export { solveTriangular } from './triangular.ts'
