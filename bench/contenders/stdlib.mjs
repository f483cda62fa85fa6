// stdlib's BLAS in plain JavaScript (its native builds are not installed).
import { installed, versionOf } from './installed.mjs'
import { local } from './local.mjs'

export const start = async () => {
  const ddot = installed('@stdlib/blas-base-ddot')
  const daxpy = installed('@stdlib/blas-base-daxpy')
  const table = {
    dot: ({ x, y }) => [() => ddot(x.data.length, x.data, 1, y.data, 1), (value) => [[value]]],
    axpy: ({ alpha, x, y }) => {
      const own = y.data.slice()
      return [() => daxpy(own.length, alpha, x.data, 1, own, 1), (result) => [result.slice()]]
    },
  }
  return [local({ name: 'stdlib', note: `blas-base ${versionOf('@stdlib/blas-base-ddot')}, JavaScript`, table })]
}
