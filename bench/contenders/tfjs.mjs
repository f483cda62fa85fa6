// TensorFlow.js on its plain JavaScript and its WebAssembly back end, on one thread. It has single precision only, and takes
// part with it where others compute in double.
import { dirname, sep } from 'node:path'
import { isTensor } from '@secant/linalg'
import { installed, versionOf } from './installed.mjs'
import { local } from './local.mjs'

const tableOf = (tf) => {
  const tensors = (inputs) =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        isTensor(value) ? tf.keep(tf.tensor(Float32Array.from(value.data), [...value.shape], 'float32')) : value,
      ]),
    )
  /** One call of a function of tensors that returns one or a list; read and dropped. */
  const called = (f) => [
    () => {
      tf.engine().startScope()
      const results = [f()].flat()
      const read = results.map((result) => result.dataSync())
      tf.engine().endScope()
      return read
    },
  ]
  const times = (a, x) => tf.reshape(tf.matMul(a, tf.reshape(x, [-1, 1])), [-1])
  const inner = (x, y) => tf.sum(tf.mul(x, y))
  const logistic =
    ({ rows, labels, lambda }) =>
    (x) =>
      tf.add(tf.mean(tf.softplus(tf.neg(tf.mul(labels, times(rows, x))))), tf.mul(lambda / 2, inner(x, x)))
  const both =
    (f, ...xs) =>
    () => {
      const { value, grads } = tf.valueAndGrads(f)(xs)
      return [value, ...grads]
    }
  const slopes = (f) => tf.grad(f)
  return {
    matmul: (inputs) => {
      const { a, b } = tensors(inputs)
      return called(() => tf.matMul(a, b))
    },
    matvec: (inputs) => {
      const { a, x } = tensors(inputs)
      return called(() => times(a, x))
    },
    dot: (inputs) => {
      const { x, y } = tensors(inputs)
      return called(() => inner(x, y))
    },
    axpy: (inputs) => {
      const { alpha, x, y } = tensors(inputs)
      return called(() => tf.add(tf.mul(alpha, x), y))
    },
    bfgs: (inputs) => {
      const { h, s, y } = tensors(inputs)
      return called(() => {
        const rho = tf.div(1, inner(s, y))
        const hy = times(h, y)
        const factor = tf.mul(tf.mul(0.5, rho), tf.add(1, tf.mul(rho, inner(y, hy))))
        const w = tf.sub(tf.mul(factor, s), tf.mul(rho, hy))
        return tf.add(h, tf.add(tf.outerProduct(s, w), tf.outerProduct(w, s)))
      })
    },
    mlp: (inputs) => {
      const { features, labels, first, second } = tensors(inputs)
      const f = (w1, w2) => {
        const scores = tf.matMul(tf.sigmoid(tf.matMul(features, w1)), w2)
        return tf.mean(tf.sub(tf.logSumExp(scores, 1), tf.sum(tf.mul(labels, scores), 1)))
      }
      return called(both(f, first, second))
    },
    logistic: (inputs) => {
      const given = tensors(inputs)
      return called(both(logistic(given), given.x))
    },
    lse: (inputs) => {
      const { rows, offsets, x } = tensors(inputs)
      return called(both((at) => tf.logSumExp(tf.sub(times(rows, at), offsets)), x))
    },
    rosenbrock: (inputs) => {
      const { x } = tensors(inputs)
      const f = (at) => {
        const [odd, even] = tf.split(tf.reshape(at, [-1, 2]), 2, 1)
        return tf.sum(tf.add(tf.mul(100, tf.square(tf.sub(even, tf.square(odd)))), tf.square(tf.sub(1, odd))))
      }
      return called(both(f, x))
    },
    chain: (inputs) => {
      const { x } = tensors(inputs)
      const f = (at) => {
        let y = at
        for (let i = 0; i < inputs.rounds; i++) y = tf.mul(1.2, tf.tanh(tf.add(tf.mul(1.1, tf.sin(y)), 0.3)))
        return y
      }
      return called(both(f, x))
    },
    unrolled: (inputs) => {
      const given = tensors(inputs)
      const f = logistic(given)
      const step = tf.keep(tf.scalar(inputs.step))
      const after = (rate) => {
        let x = given.x
        for (let i = 0; i < inputs.steps; i++) x = tf.sub(x, tf.mul(rate, slopes(f)(x)))
        return f(x)
      }
      return called(both(after, step))
    },
    hvp: (inputs) => {
      const given = tensors(inputs)
      return called(() => slopes((x) => inner(slopes(logistic(given))(x), given.v))(given.x))
    },
  }
}

export const start = async () => {
  const tf = installed('@tensorflow/tfjs')
  const wasm = installed('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(dirname(installed.resolve('@tensorflow/tfjs-backend-wasm')) + sep)
  wasm.setThreadsCount(1)
  tf.enableProdMode()
  const version = versionOf('@tensorflow/tfjs')
  return ['cpu', 'wasm'].map((backend) => ({
    ...local({
      name: `tfjs-${backend}`,
      note: `${version}, single precision also in rows of float64`,
      table: tableOf(tf),
      // Its plain loops take seconds for the largest.
      knows: ({ kind, n, dtype }) =>
        !(kind === 'matmul' && dtype === 'float64') && !(backend === 'cpu' && kind === 'matmul' && n > 512),
      enter: () => tf.setBackend(backend),
    }),
    precision: 'float32',
  }))
}
