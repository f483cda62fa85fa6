// What was promised: the ratio of our best time to another's (or their speeds), or a time. `of` picks workloads.
const is =
  (kind, n, dtype = 'float64') =>
  (workload) =>
    workload.kind === kind && (n === undefined || workload.n === n) && workload.dtype === dtype

const speed = (work, of, than, floor, stretch) => ({ work, of, than, measure: 'speed', floor, stretch })
const time = (work, of, than, floor, stretch) => ({ work, of, than, measure: 'time', floor, stretch })
const run = (name, n) => (workload) => workload.family === `lbfgs ${name}` && workload.n === n

export const floors = [
  speed('matmul 512, float64', is('matmul', 512), 'NumPy', 0.16, 0.22),
  speed('matmul 512, float32', is('matmul', 512, 'float32'), 'NumPy', 0.17, 0.25),
  speed('matmul 512, float32', is('matmul', 512, 'float32'), 'tfjs-wasm', 0.9, 1.1),
  speed('matvec 1000', is('matvec', 1000), 'NumPy', 0.7, 0.9),
  speed('dot 10⁶', is('dot', 1e6), 'NumPy', 0.7, 0.9),
  speed('axpy 10⁶', is('axpy', 1e6), 'NumPy', 0.7, 0.9),
  time('BFGS update 1000', is('bfgs', 1000), 'PyTorch', 1, 0.6),
  time('Cholesky 500', is('cholesky', 500), 'NumPy', 6, 3),
  time('solve 500', is('solve', 500), 'NumPy', 6, 3),
  time('(ii)', is('logistic', 100), 'JAX', 1, 0.5),
  time('(iii)', is('lse', 100), 'JAX', 1, 0.5),
  time('(ii)', is('logistic', 100), 'NumPy', 2, 1),
  time('(iii)', is('lse', 100), 'NumPy', 2, 1.4),
  time('(iv)', is('rosenbrock', 1000), 'NumPy', 0.3, 0.1),
  time('(iv)', is('rosenbrock', 1000), 'JAX', 0.3, 0.05),
  { work: '(v), ns per operation', of: is('chain', 165), measure: 'nanoseconds', floor: 12, stretch: 6 },
  time('(i), float64', is('mlp', 1000), 'PyTorch', 3, 2.2),
  time('(i), float32', is('mlp', 1000, 'float32'), 'PyTorch', 3.3, 1.8),
  time('(vi)', is('unrolled', 100), 'JAX', 3, 1.5),
  time('(vii)', is('hvp', 100), 'JAX', 1.5, 0.7),
  time('L-BFGS on (ii)', run('logistic', 100), 'NumPy', 1, 0.65),
  time('L-BFGS on (iii)', run('lse', 100), 'NumPy', 1, 0.65),
  time('L-BFGS on (iv)', run('rosenbrock', 1000), 'NumPy', 1, 0.15),
  time('(i), float32', is('mlp', 1000, 'float32'), 'jax-js', 1, 0.67),
  { work: 'CWSS training step, ms', of: is('cwss', 30), measure: 'milliseconds', floor: 5, stretch: 2 },
]

/** Every other workload that the two do as well. */
export const peers = { names: ['tfjs-wasm', 'jax-js'], floor: 1, stretch: 1 / 3 }
