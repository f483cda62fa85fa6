// jax-js on its WebAssembly back end, compiled by its `jit`. Its functions take ownership of what they are given.
//
// Some second derivatives are wrong under its jit (0.1.25) and right without: with R = [[1, 2], [3, −1], [−2, 1]],
// jit((x, v) => jvp(grad((at) => np.mean(np.square(np.matmul(R.ref, at)))), [x], [v])[1]) at v = (1, 0) is (12.67, −3.33), but
// the Hessian's first column is (28/3, −2). Divided before they are summed, entries come out right, which is how (ii) and
// (vii) are written; (vi) stays wrong and runs without jit, as does solve, which jit refuses.
import { isTensor } from '@secant/linalg'
import { installed, versionOf } from './installed.mjs'
import { local } from './local.mjs'

const tableOf = ({ numpy: np, nn, jit, grad, jvp, valueAndGrad }) => {
  const arrays = (inputs) =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        isTensor(value)
          ? np.array(value.data, { dtype: value.dtype, shape: [...value.shape] }).reshape([...value.shape])
          : value,
      ]),
    )
  const leaves = (tree) => (Array.isArray(tree) ? tree.flatMap(leaves) : [tree.dataSync()])
  const asIs = (f) => f
  const called = (f, args, through = jit) => {
    const compiled = through(f)
    const refs = (tree) => (Array.isArray(tree) ? tree.map(refs) : tree.ref)
    return [() => leaves(compiled(...args.map(refs)))]
  }
  const inner = (x, y) => np.sum(x.mul(y))
  /** Its own one overflows for arguments above 88, but takes far fewer operations where nothing compiles them. */
  const softplus = (z) => np.maximum(z.ref, 0).add(np.log1p(np.exp(np.abs(z).neg())))
  const logistic =
    ({ rows, labels, lambda }, soft = softplus) =>
    (x) =>
      np
        .sum(soft(np.matmul(rows.ref, x.ref).mul(labels.ref).neg()).mul(1 / rows.shape[0]))
        .add(inner(x.ref, x).mul(lambda / 2))
  return {
    matmul: (inputs) => {
      const { a, b } = arrays(inputs)
      return called((p, q) => np.matmul(p, q), [a, b])
    },
    matvec: (inputs) => {
      const { a, x } = arrays(inputs)
      return called((p, q) => np.matmul(p, q), [a, x])
    },
    dot: (inputs) => {
      const { x, y } = arrays(inputs)
      return called((p, q) => np.dot(p, q), [x, y])
    },
    axpy: (inputs) => {
      const { x, y } = arrays(inputs)
      return called((p, q) => p.mul(inputs.alpha).add(q), [x, y])
    },
    cholesky: (inputs) => called((a) => np.linalg.cholesky(a), [arrays(inputs).a]),
    solve: (inputs) => {
      const { a, b } = arrays(inputs)
      return called((p, q) => np.linalg.solve(p, q), [a, b], asIs)
    },
    bfgs: (inputs) => {
      const { h, s, y } = arrays(inputs)
      const update = (H, S, Y) => {
        const rho = np.reciprocal(inner(S.ref, Y.ref))
        const hy = np.matmul(H.ref, Y.ref)
        const factor = inner(Y, hy.ref).mul(rho.ref).add(1).mul(rho.ref).mul(0.5)
        const w = S.ref.mul(factor).sub(hy.mul(rho))
        return H.add(np.outer(S.ref, w.ref).add(np.outer(w, S)))
      }
      return called(update, [h, s, y])
    },
    mlp: (inputs) => {
      const { features, labels, first, second } = arrays(inputs)
      const f = ([w1, w2]) => {
        const scores = np.matmul(nn.sigmoid(np.matmul(features.ref, w1)), w2)
        return np.mean(nn.logsumexp(scores.ref, 1).sub(np.sum(scores.mul(labels.ref), 1)))
      }
      return called(valueAndGrad(f), [[first, second]])
    },
    logistic: (inputs) => {
      const given = arrays(inputs)
      return called(valueAndGrad(logistic(given)), [given.x])
    },
    lse: (inputs) => {
      const { rows, offsets, x } = arrays(inputs)
      return called(
        valueAndGrad((at) => nn.logsumexp(np.matmul(rows.ref, at).sub(offsets.ref))),
        [x],
      )
    },
    rosenbrock: (inputs) => {
      const { x } = arrays(inputs)
      const f = (at) => {
        const [odd, even] = np.split(at.reshape([-1, 2]), 2, 1)
        const off = np.square(even.sub(np.square(odd.ref))).mul(100)
        return np.sum(off.add(np.square(odd.sub(1))))
      }
      return called(valueAndGrad(f), [x])
    },
    chain: (inputs) => {
      const f = (at) => {
        let y = at
        for (let i = 0; i < inputs.rounds; i++) y = np.tanh(np.sin(y).mul(1.1).add(0.3)).mul(1.2)
        return y
      }
      return called(valueAndGrad(f), [arrays(inputs).x])
    },
    unrolled: (inputs) => {
      const given = arrays(inputs)
      const f = logistic(given, nn.softplus)
      const after = (rate) => {
        let x = given.x.ref
        for (let i = 0; i < inputs.steps; i++) x = x.ref.sub(grad(f)(x).mul(rate.ref))
        rate.dispose()
        return f(x)
      }
      return called(valueAndGrad(after), [np.array(inputs.step, { dtype: 'float64' })], asIs)
    },
    hvp: (inputs) => {
      const given = arrays(inputs)
      return called((x, v) => jvp(grad(logistic(given)), [x], [v])[1], [given.x, given.v])
    },
  }
}

export const start = async () => {
  // Node 20 has none, and jax-js asks for it by name.
  globalThis.Float16Array ??= class Float16Array {}
  const jax = await import(installed.resolve('@jax-js/jax').replace('index.cjs', 'index.js'))
  jax.defaultDevice('wasm')
  const note = `${versionOf('@jax-js/jax')}, wasm, compiled by its jit (solve and (vi): not); exp and log are good to single precision only`
  // Its jit takes ten seconds for 165 operations, and much longer for more.
  const knows = ({ kind, n }) => !(kind === 'chain' && n > 55)
  return [{ ...local({ name: 'jax-js', note, table: tableOf(jax), knows }), precision: 'float32' }]
}
