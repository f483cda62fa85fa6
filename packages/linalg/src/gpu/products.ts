import type { Transposes } from '../matmul.ts'
import { type Shape, sameShape, showShape, sizeOf } from '../shape.ts'
import type { Product } from './operation.ts'
import { type DeviceTensor, enqueue, type Scope } from './scope.ts'

const multiply = (
  scope: Scope,
  operation: string,
  product: Omit<Product, 'kind' | 'added'>,
  shape: Shape,
  args: readonly DeviceTensor[],
): DeviceTensor =>
  enqueue(scope, operation, args, shape, (engine, buffers) =>
    engine.run({ kind: 'product', ...product, added: args.length === 3 }, buffers),
  )

const refuse = (operation: string, args: readonly DeviceTensor[], needs: string): never => {
  throw new Error(`${operation}: got ${args.map(({ shape }) => showShape(shape)).join(' · ')}; needs ${needs}`)
}

/** Sizes of a product of matrices or of batches of them. */
const sizesOf = (
  operation: string,
  a: DeviceTensor,
  b: DeviceTensor,
  { transposeA = false, transposeB = false }: Transposes,
): Omit<Product, 'kind' | 'added' | 'alpha'> => {
  const rank = a.shape.length
  const [rowsA, columnsA] = [a.shape[rank - 2] as number, a.shape[rank - 1] as number]
  const [rowsB, columnsB] = [b.shape[rank - 2] as number, b.shape[rank - 1] as number]
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA]
  const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB]
  const fits = rank >= 2 && k === inner && sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  if (!fits || b.shape.length !== rank)
    refuse(operation, [a, b], `[m, k] · [k, n] with transposes ${transposeA}, ${transposeB}`)
  return { transposeA, transposeB, batch: sizeOf(a.shape.slice(0, -2)), m, k, n }
}

/**
 * Matrix product `[…, m, k] · […, k, n] → […, m, n]` with equal leading axes; error at most γ_{k+1} |a|·|b| with the
 * unit roundoff of the device. Fails (throws) on other shapes.
 */
export const matmul = (scope: Scope, a: DeviceTensor, b: DeviceTensor, transposes: Transposes = {}): DeviceTensor => {
  const sizes = sizesOf('matmul', a, b, transposes)
  return multiply(scope, 'matmul', { ...sizes, alpha: 1 }, [...a.shape.slice(0, -2), sizes.m, sizes.n], [a, b])
}

/** Rank-k update `c + α op(a) op(b)`. */
export const addProduct = (
  scope: Scope,
  c: DeviceTensor,
  alpha: number,
  a: DeviceTensor,
  b: DeviceTensor,
  transposes: Transposes = {},
): DeviceTensor => {
  const sizes = sizesOf('addProduct', a, b, transposes)
  if (!sameShape(c.shape, [...a.shape.slice(0, -2), sizes.m, sizes.n]))
    refuse('addProduct', [c, a, b], '[m, n] · [m, k] · [k, n]')
  return multiply(scope, 'addProduct', { ...sizes, alpha }, c.shape, [a, b, c])
}

/** Matrix times vector, `[m, n] · [n] → [m]`; with `transposeA`, `[m, n]ᵀ · [m] → [n]`. */
export const matvec = (
  scope: Scope,
  a: DeviceTensor,
  x: DeviceTensor,
  { transposeA = false }: Pick<Transposes, 'transposeA'> = {},
): DeviceTensor => {
  const [rows, columns] = a.shape as readonly [number, number]
  const [n, k] = transposeA ? [columns, rows] : [rows, columns]
  if (a.shape.length !== 2 || !sameShape(x.shape, [k])) refuse('matvec', [a, x], '[m, n] · [n]')
  // As xᵀ aᵀ, since a vector is kept as a row.
  const sizes = { transposeA: false, transposeB: !transposeA, batch: 1, m: 1, k, n, alpha: 1 }
  return multiply(scope, 'matvec', sizes, [n], [x, a])
}

const outerSizes = (operation: string, x: DeviceTensor, y: DeviceTensor): Omit<Product, 'kind' | 'added' | 'alpha'> => {
  if (x.shape.length !== 1 || y.shape.length !== 1) refuse(operation, [x, y], '[m], [n]')
  return { transposeA: true, transposeB: false, batch: 1, m: x.columns, k: 1, n: y.columns }
}

/** Outer product, `[m], [n] → [m, n]`. */
export const outer = (scope: Scope, x: DeviceTensor, y: DeviceTensor): DeviceTensor =>
  multiply(scope, 'outer', { ...outerSizes('outer', x, y), alpha: 1 }, [x.columns, y.columns], [x, y])

/** Rank-one update `a + α x yᵀ`. */
export const rankOne = (
  scope: Scope,
  a: DeviceTensor,
  alpha: number,
  x: DeviceTensor,
  y: DeviceTensor,
): DeviceTensor => {
  const sizes = outerSizes('rankOne', x, y)
  if (!sameShape(a.shape, [sizes.m, sizes.n])) refuse('rankOne', [a, x, y], '[m, n], [m], [n]')
  return multiply(scope, 'rankOne', { ...sizes, alpha }, a.shape, [x, y, a])
}

/** Symmetric rank-two update `a + α (x yᵀ + y xᵀ)`, `[n, n]`. */
export const rankTwo = (
  scope: Scope,
  a: DeviceTensor,
  alpha: number,
  x: DeviceTensor,
  y: DeviceTensor,
): DeviceTensor => {
  const n = x.columns
  if (!sameShape(a.shape, [n, n]) || !sameShape(x.shape, [n]) || !sameShape(y.shape, [n]))
    refuse('rankTwo', [a, x, y], '[n, n], [n], [n]')
  return enqueue(scope, 'rankTwo', [a, x, y], a.shape, (engine, buffers) =>
    engine.run({ kind: 'rank two', alpha }, buffers),
  )
}
