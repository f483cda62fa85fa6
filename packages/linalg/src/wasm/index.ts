export {
  all,
  type Code,
  constant,
  type Label,
  type Local,
  local,
  nothing,
  type Operand,
  type ResultType,
  seq,
  type ValueType,
} from './assembler/code.ts'
export {
  block,
  branch,
  branchIf,
  choose,
  drop,
  forLoop,
  giveBack,
  loop,
  select,
  unreachable,
  when,
  whileLoop,
} from './assembler/control.ts'
export { type Func, func, importedFunc, type Linked, type Params } from './assembler/function.ts'
export { encodeModule, type MemoryLimits, mostPages } from './assembler/module.ts'
export { f32, f64, i32, i64, memory } from './assembler/scalar.ts'
export { f32x4, f64x2, i32x4, i64x2, v128 } from './assembler/simd.ts'
export {
  compileModule,
  createMemory,
  hasRelaxedSimd,
  hasSimd,
  instantiate,
  isValidModule,
  type WasmFunction,
  type WasmInstance,
  type WasmMemory,
  type WasmModule,
} from './host.ts'
export { type CholeskyParams, cholesky } from './kernels/cholesky.ts'
export { exp, expm1, type LaneFunction, sigmoid, tanh } from './kernels/exponential.ts'
export { type GemmParams, gemm, gemmF32, gemmRelaxed, gemmRelaxedF32, gemmWork } from './kernels/gemm.ts'
export { log, log1p } from './kernels/logarithm.ts'
export { type LuParams, lu } from './kernels/lu.ts'
export { inSingles, type MapParams, mapOf } from './kernels/map.ts'
export { type GemvParams, type GerParams, gemv, gemvF32, gemvT, gemvTF32, ger, gerF32 } from './kernels/matvec.ts'
export { sinCos, tanhOne } from './kernels/scalar.ts'
export {
  type SymvParams,
  type Syr2Params,
  type SyrkParams,
  symv,
  symvF32,
  syr2,
  syr2F32,
  syrk,
  syrkF32,
} from './kernels/symmetric.ts'
export { type TrsmParams, trsm } from './kernels/triangular.ts'
export { cos, hostFunctions, sin } from './kernels/trigonometric.ts'
export {
  type AxpyParams,
  axpy,
  axpyF32,
  type DotParams,
  dot,
  dotF32,
  type FoldParams,
  nrm2,
  nrm2F32,
  type ScalParams,
  scal,
  scalF32,
  sum,
  sumF32,
} from './kernels/vector.ts'
export { createKernels, type Doubles, type Kernels, type Scales } from './kernels.ts'
