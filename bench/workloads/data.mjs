// Numbers for the benchmarks, the same for every contender: a workload is data, `inputs` of plain tensors and numbers.
import { fromData } from '@secant/linalg'

/** Reproducible entries in [−1, 1] without a pattern that a matrix would inherit. */
export const filled = (shape, seed, dtype = 'float64') => {
  const size = shape.reduce((product, side) => product * side, 1)
  const Kind = dtype === 'float32' ? Float32Array : Float64Array
  return fromData(
    Kind.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed)),
    shape,
  )
}

/** A positive definite matrix: sines on both sides of a diagonal that outweighs them. */
export const positive = (n, seed) => {
  const entries = filled([n, n], seed)
  const data = Float64Array.from(entries.data, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    return (entries.data[i * n + j] + entries.data[j * n + i]) / 2 + (i === j ? n : 0)
  })
  return fromData(data, [n, n])
}

/**
 * A workload. `kind` says what is computed (contenders know it by that), `flops` is for growth and rates, `terms` the
 * longest sum on the way, by which tolerances are computed; workloads of one `family` differ by `n` only.
 */
export const workload = (kind, n, rest) => ({
  kind,
  n,
  dtype: 'float64',
  family: kind,
  name: `${kind} ${n}`,
  ...rest,
})
