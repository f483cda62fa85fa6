/** Factorizations and quasi-Newton products of a device against those of the host. Runs in Node and in browsers. */

import {
  dot,
  eye,
  fromData,
  type Lu,
  matmul,
  matvec,
  maxAbs,
  mul,
  outer,
  scalar,
  solveTriangular,
  sub,
  type Tensor,
} from '@secant/linalg'
import * as gpu from '@secant/linalg/gpu'
import { type Check, type Device, type SecantHistory, type SecantPair, withScope } from '@secant/linalg/gpu'
import * as E from 'fp-ts/lib/Either.js'
import { resultOn, rightOf, scattered } from './parity.ts'

const within = (name: string, measured: number, bound: number): Check => ({ name, measured, bound })

const plus = (a: Tensor, b: Tensor): Tensor => sub(a, mul(scalar(-1), b))

/** A a' + n I: positive definite and well conditioned. */
const positive = (n: number): Tensor => {
  const a = scattered([n, n], 3)
  const product = matmul(a, a, { transposeB: true })
  return plus(product, mul(scalar(n), eye(n)))
}

const triangleOf = (n: number, lower: boolean): Tensor => {
  const a = scattered([n, n], 4)
  const data = Float64Array.from(a.data, (entry, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    return i === j ? 8 + Math.abs(entry) : lower === i > j ? entry / n : 0
  })
  return fromData(data, [n, n])
}

const triangles = async (device: Device, n: number): Promise<readonly Check[]> => {
  const checks: Check[] = []
  for (const lower of [true, false])
    for (const transposed of [true, false]) {
      const [t, b] = [triangleOf(n, lower), scattered([n, 3], 5)]
      const triangle = { lower, transpose: transposed }
      const found = await resultOn(
        device,
        (scope, p, q) => gpu.solveTriangular(scope, p as gpu.DeviceTensor, q as gpu.DeviceTensor, triangle),
        [t, b],
      )
      const exact = rightOf(solveTriangular(t, b, triangle))
      const bound = 8 * n * device.unitRoundoff * maxAbs(exact)
      checks.push(
        within(
          `solveTriangular ${n}, ${lower ? 'lower' : 'upper'}${transposed ? 'ᵀ' : ''}`,
          maxAbs(sub(found, exact)),
          bound,
        ),
      )
    }
  return checks
}

/** `|L U − P a| ≤ γ |L||U|`, told by largest entries. */
const factors = async (device: Device, n: number): Promise<readonly Check[]> => {
  const [a, p] = [scattered([n, n], 6), positive(n)]
  const [lu, l] = rightOf(
    await withScope(
      device,
      (scope) => async () => E.right([await gpu.lu(scope, a)(), await gpu.cholesky(scope, p)()] as const),
    )(),
  )
  return [...luChecks(device, n, a, rightOf(lu)), ...choleskyChecks(device, n, p, rightOf(l))]
}

const luChecks = (device: Device, n: number, a: Tensor, lu: Lu): readonly Check[] => {
  const part = (lower: boolean): Tensor =>
    fromData(
      Float64Array.from(lu.factors.data, (entry, at) => {
        const [i, j] = [Math.floor(at / n), at % n]
        return lower ? (i === j ? 1 : i > j ? entry : 0) : i <= j ? entry : 0
      }),
      [n, n],
    )
  const [lower, upper] = [part(true), part(false)]
  const rows = Float64Array.from({ length: n * n }, (_, at) => {
    const row = lu.permutation.data[Math.floor(at / n)] as number
    return a.data[row * n + (at % n)] as number
  })
  const size = maxAbs(matmul(absolute(lower), absolute(upper)))
  const u = device.unitRoundoff
  return [
    within(`LU of ${n}`, maxAbs(sub(matmul(lower, upper), fromData(rows, [n, n]))), 4 * n * u * size),
    within(`entries of L above 1, ${n}`, maxAbs(lower), 1 + 4 * u),
  ]
}

const choleskyChecks = ({ unitRoundoff: u }: Device, n: number, p: Tensor, l: Tensor): readonly Check[] => {
  return [within(`Cholesky of ${n}`, maxAbs(sub(matmul(l, l, { transposeB: true }), p)), 4 * n * u * maxAbs(p))]
}

const absolute = (t: Tensor): Tensor => ({ ...t, data: Float64Array.from(t.data, Math.abs) })

/** Solutions after refinement are as good as in float64. */
const solutions = async (device: Device, n: number): Promise<readonly Check[]> => {
  const [a, p, b] = [scattered([n, n], 7), positive(n), scattered([n], 8)]
  const general = rightOf(await withScope(device, (scope) => gpu.solve(scope, a, b))())
  const definite = rightOf(await withScope(device, (scope) => gpu.solvePositive(scope, p, b))())
  return [
    within(`backward error of solve, ${n}`, general.backwardError, n * 2 ** -53),
    within(`backward error of solvePositive, ${n}`, definite.backwardError, n * 2 ** -53),
  ]
}

/** Pairs of a convex quadratic: y = A s. */
const pairsOf = (n: number, count: number): readonly SecantPair[] => {
  const a = positive(n)
  return Array.from({ length: count }, (_, k) => {
    const s = scattered([n], 20 + k)
    return { s, y: matvec(a, s) }
  })
}

/** The BFGS matrix by the textbook's formula `(I − ρ s y') H (I − ρ y s') + ρ s s'`, oldest pair first. */
const textbook = (n: number, { scale, pairs }: SecantHistory): Tensor => {
  let h = mul(scalar(scale), eye(n))
  for (const { s, y } of [...pairs].reverse()) {
    const rho = scalar(1 / dot(s, y))
    const v = sub(eye(n), mul(rho, outer(y, s)))
    h = plus(matmul(matmul(v, h, { transposeA: true }), v), mul(rho, outer(s, s)))
  }
  return h
}

const quasiNewton = async (device: Device): Promise<readonly Check[]> => {
  const [n, memory] = [23, 4]
  const all = pairsOf(n, 7)
  const g = scattered([n], 9)
  const checks: Check[] = []
  const histories = all.map((_, k): SecantHistory => ({ scale: 0.01, pairs: all.slice(0, k + 1).reverse() }))
  const collected = await withScope(device, (scope) => async () => {
    const [full, limited] = [gpu.residentBfgs(scope), gpu.residentLbfgs(scope, memory)]
    // Once more from the fourth: a history that does not continue the last one is followed from its start.
    for (const history of [...histories, histories[3] as SecantHistory, histories[4] as SecantHistory]) {
      const short: SecantHistory = { ...history, pairs: history.pairs.slice(0, memory) }
      for (const [name, found, wanted] of [
        ['BFGS', await full(history, g)(), textbook(n, history)],
        ['L-BFGS', await limited(history, g)(), textbook(n, short)],
      ] as const) {
        if (found._tag === 'Left') return found
        const exact = matvec(wanted, g)
        const bound = 2 * n * device.unitRoundoff * maxAbs(wanted) * maxAbs(g)
        checks.push(within(`${name} after ${history.pairs.length} pairs`, maxAbs(sub(found.right, exact)), bound))
      }
    }
    return E.right(undefined)
  })()
  rightOf(collected)
  return checks
}

/** `size` is the order of the larger matrices; blocks are 64 wide. */
export const solverChecks = async (device: Device, size = 131): Promise<readonly Check[]> => [
  ...(await triangles(device, 7)),
  ...(await triangles(device, size)),
  ...(await factors(device, 5)),
  ...(await factors(device, size)),
  ...(await solutions(device, size - 34)),
  ...(await quasiNewton(device)),
]
