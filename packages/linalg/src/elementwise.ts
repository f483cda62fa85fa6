import { sameShape, showShape } from './shape.ts'
import { allocate, type DType, type Tensor, type TypedArray } from './tensor.ts'

/** A function of each entry; the result has the dtype given, by default that of x. */
export const map = (x: Tensor, f: (a: number) => number, dtype: DType = x.dtype): Tensor => {
  const from = x.data
  const data = allocate(dtype, from.length)
  for (let i = 0; i < from.length; i++) data[i] = f(from[i] as number)
  return { dtype, shape: x.shape, data }
}

/** Throws unless two tensors have one dtype and equal shapes, or one of them is a scalar. */
const checkPair = (operation: string, a: Tensor, b: Tensor): void => {
  const fits = a.shape.length === 0 || b.shape.length === 0 || sameShape(a.shape, b.shape)
  if (!fits || a.dtype !== b.dtype)
    throw new Error(
      `${operation}: got ${a.dtype} ${showShape(a.shape)} and ${b.dtype} ${showShape(b.shape)}; needs one dtype and equal shapes, or a scalar`,
    )
}

/** A loop over pairs of entries; one of the two may be a single number. */
type Kernel = (a: TypedArray, b: TypedArray, out: TypedArray) => void

const zipped = (operation: string, a: Tensor, b: Tensor, dtype: DType, kernel: Kernel): Tensor => {
  checkPair(operation, a, b)
  const shape = a.shape.length === 0 ? b.shape : a.shape
  const size = a.shape.length === 0 ? b.data.length : a.data.length
  const data = allocate(dtype, size)
  kernel(a.data, b.data, data)
  return { dtype, shape, data }
}

/** A function of pairs of entries, of equal shapes or beside a scalar. */
export const zip = (a: Tensor, b: Tensor, f: (a: number, b: number) => number, dtype: DType = a.dtype): Tensor =>
  zipped('zip', a, b, dtype, (p, q, out) => {
    const [i1, j1] = [strideOf(p, out), strideOf(q, out)]
    for (let k = 0; k < out.length; k++) out[k] = f(p[k * i1] as number, q[k * j1] as number)
  })

/** 0 for a single number that is repeated, 1 for an array as long as the result. */
const strideOf = (data: TypedArray, out: TypedArray): number => (data.length === out.length ? 1 : 0)

// The four operations are spelt out: a function passed to one shared loop is called, not inlined, for every entry.

const addKernel: Kernel = (a, b, out) => {
  if (a.length === b.length) for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) + (b[i] as number)
  else if (a.length === out.length) {
    const q = b[0] as number
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) + q
  } else addKernel(b, a, out)
}

const mulKernel: Kernel = (a, b, out) => {
  if (a.length === b.length) for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) * (b[i] as number)
  else if (a.length === out.length) {
    const q = b[0] as number
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) * q
  } else mulKernel(b, a, out)
}

const subKernel: Kernel = (a, b, out) => {
  if (a.length === b.length) for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) - (b[i] as number)
  else if (a.length === out.length) {
    const q = b[0] as number
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) - q
  } else {
    const p = a[0] as number
    for (let i = 0; i < out.length; i++) out[i] = p - (b[i] as number)
  }
}

const divKernel: Kernel = (a, b, out) => {
  if (a.length === b.length) for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) / (b[i] as number)
  else if (a.length === out.length) {
    const q = b[0] as number
    for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) / q
  } else {
    const p = a[0] as number
    for (let i = 0; i < out.length; i++) out[i] = p / (b[i] as number)
  }
}

const scaleKernel: Kernel = (a, b, out) => {
  if (a.length === b.length)
    for (let i = 0; i < out.length; i++) {
      const [p, q] = [a[i] as number, b[i] as number]
      out[i] = p === 0 || q === 0 ? 0 : p * q
    }
  else if (a.length === out.length) {
    const q = b[0] as number
    if (q !== 0) for (let i = 0; i < out.length; i++) out[i] = a[i] === 0 ? 0 : (a[i] as number) * q
  } else scaleKernel(b, a, out)
}

const scaleDownKernel: Kernel = (a, b, out) => {
  const [i1, j1] = [strideOf(a, out), strideOf(b, out)]
  for (let k = 0; k < out.length; k++) {
    const p = a[k * i1] as number
    out[k] = p === 0 ? 0 : p / (b[k * j1] as number)
  }
}

/**
 * a + b, of equal shapes or beside a scalar.
 *
 * @example
 * toNested(add(tensor([1, 2]), scalar(10))) // => [11, 12]
 */
export const add = (a: Tensor, b: Tensor): Tensor => zipped('add', a, b, a.dtype, addKernel)

/** a − b */
export const sub = (a: Tensor, b: Tensor): Tensor => zipped('sub', a, b, a.dtype, subKernel)

/** a · b entry by entry */
export const mul = (a: Tensor, b: Tensor): Tensor => zipped('mul', a, b, a.dtype, mulKernel)

/** a / b entry by entry */
export const div = (a: Tensor, b: Tensor): Tensor => zipped('div', a, b, a.dtype, divKernel)

/** a · b entry by entry, where 0 wins over ∞ and NaN: how derivatives are multiplied. */
export const scale = (a: Tensor, b: Tensor): Tensor => zipped('scale', a, b, a.dtype, scaleKernel)

/** a / b entry by entry, where a = 0 wins over b = 0, ∞ and NaN. */
export const scaleDown = (a: Tensor, b: Tensor): Tensor => zipped('scaleDown', a, b, a.dtype, scaleDownKernel)

/** −x */
export const neg = (x: Tensor): Tensor => {
  const data = allocate(x.dtype, x.data.length)
  for (let i = 0; i < data.length; i++) data[i] = -(x.data[i] as number)
  return { dtype: x.dtype, shape: x.shape, data }
}

/** Entries of a where the mask holds, of b elsewhere; each of equal shape or a scalar. */
export const where = (mask: Tensor, a: Tensor, b: Tensor): Tensor => {
  checkPair('where', a, b)
  const widest = [mask, a, b].find((t) => t.shape.length > 0) ?? mask
  for (const t of [mask, a, b])
    if (t.shape.length > 0 && !sameShape(t.shape, widest.shape))
      throw new Error(`where: got ${showShape(t.shape)} and ${showShape(widest.shape)}; needs equal shapes or scalars`)
  const data = allocate(a.dtype, widest.data.length)
  const [m, p, q] = [strideOf(mask.data, data), strideOf(a.data, data), strideOf(b.data, data)]
  for (let i = 0; i < data.length; i++) data[i] = (mask.data[i * m] !== 0 ? a.data[i * p] : b.data[i * q]) as number
  return { dtype: a.dtype, shape: widest.shape, data }
}

/** The same entries as another kind of number; floats are cut toward zero on the way to int32. */
export const cast = (x: Tensor, dtype: DType): Tensor => {
  if (x.dtype === dtype) return x
  return dtype === 'bool' ? map(x, (a) => (a !== 0 ? 1 : 0), dtype) : map(x, (a) => a, dtype)
}
