/**
 * The host's functions replaced by those of the WebAssembly kernels. They differ in the last bits, and nothing else in a
 * compiled program does but sums of matrix–vector products: where the evaluator has the kernels' functions too, all
 * bits can be compared, and no tolerance hides a mistake.
 */
import {
  cos,
  encodeModule,
  exp,
  expm1,
  f64x2,
  func,
  hostFunctions,
  instantiate,
  type LaneFunction,
  log,
  log1p,
  sin,
  tanh,
} from '@secant/linalg/wasm'

const kernels = { exp, expm1, log, log1p, tanh, sin, cos }

const one = (name: string, f: LaneFunction) =>
  func(name, { x: 'f64' }, 'f64', ({ x }) => f64x2.extract(f.call({ x: f64x2.splat(x) }), 0))

/** To be called before the modules are loaded that keep functions of `Math`. */
export const useKernelMath = (): void => {
  const module = encodeModule(Object.fromEntries(Object.entries(kernels).map(([name, f]) => [name, one(name, f)])))
  Object.assign(Math, instantiate(module, undefined, hostFunctions).functions)
}
