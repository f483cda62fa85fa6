/** Objectives with known constants. */
import { add, dot, fromData, map, matvec, sub, type Tensor } from '@secant/linalg'
import type { Objective } from '@secant/optim'

/** Q diag(values) Q with the reflection Q that has the normal (1, 2, …, n). */
export const rotated = (values: readonly number[]): Tensor => {
  const n = values.length
  const v = values.map((_, i) => i + 1)
  const vv = v.reduce((total, entry) => total + entry ** 2, 0)
  const q = (i: number, j: number): number => (i === j ? 1 : 0) - (2 * (v[i] as number) * (v[j] as number)) / vv
  const data = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let total = 0
      for (let k = 0; k < n; k++) total += q(i, k) * (values[k] as number) * q(k, j)
      data[i * n + j] = total
      data[j * n + i] = total
    }
  return fromData(data, [n, n])
}

export const diagonal = (values: readonly number[]): Tensor => {
  const n = values.length
  return fromData(
    Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? (values[i / (n + 1)] as number) : 0)),
    [n, n],
  )
}

/** n numbers from μ to L, both included, evenly spaced in their logarithms. */
export const spectrum = (n: number, mu: number, L: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => (i === n - 1 ? L : mu * (L / mu) ** (i / (n - 1))))

const objectiveFrom = (point: Objective['point']): Objective => ({ value: (x) => point(x).value, point })

/** ½(x − c)'A(x − c). */
export const bowl = (a: Tensor, centre: Tensor): Objective =>
  objectiveFrom((x) => {
    const e = sub(x, centre)
    const grad = matvec(a, e)
    return { x, value: dot(e, grad) / 2, grad }
  })

/** ½x'Ax + (c/12) Σ xᵢ⁴: at 0 the Hessian is A, and on |xᵢ| ≤ r it is 2cr-Lipschitz. */
export const bent = (a: Tensor, c: number): Objective =>
  objectiveFrom((x) => {
    const ax = matvec(a, x)
    const cubes = map(x, (entry) => (c / 3) * entry ** 3)
    let fourth = 0
    for (const entry of x.data) fourth += entry ** 4
    return { x, value: dot(x, ax) / 2 + (c / 12) * fourth, grad: add(ax, cubes) }
  })

/** Σ ln cosh xᵢ + (μ/2)‖x‖²: curvature in (μ, 1 + μ]. */
export const logCosh = (mu: number): Objective =>
  objectiveFrom((x) => {
    let value = 0
    for (const entry of x.data) {
      const size = Math.abs(entry)
      value += size + Math.log1p(Math.exp(-2 * size)) - Math.LN2
    }
    return { x, value: value + (mu / 2) * dot(x, x), grad: map(x, (entry) => Math.tanh(entry) + mu * entry) }
  })
