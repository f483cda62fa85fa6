/** What becomes of operands that are no values: numbers turn into some, and anything else is told. */
import { type DType, isTensor, showShape, type Tensor } from '@secant/linalg'

const isInt32 = (x: number): boolean => x === (x | 0)

/** A number as a value beside one of the given dtype. */
export const numberBeside = (x: number, dtype: DType): Tensor => {
  if (dtype === 'float32') return { dtype, shape: [], data: Float32Array.of(x) }
  if (dtype === 'int32' && isInt32(x)) return { dtype, shape: [], data: Int32Array.of(x) }
  return { dtype: 'float64', shape: [], data: Float64Array.of(x) }
}

/** What something is, in a few words. */
const described = (x: unknown): string => {
  if (Array.isArray(x)) return 'an array'
  if (ArrayBuffer.isView(x)) return `a ${x.constructor.name}`
  return typeof x === 'object' && x !== null ? 'an object' : `${typeof x === 'string' ? 'the string ' : ''}${String(x)}`
}

/** A tracer, as far as it matters here. */
const isTracer = (x: unknown): x is { readonly owner: { readonly name: string } } =>
  typeof x === 'object' && x !== null && 'owner' in x

/** Whether something is a tensor that still has its array: a compiled function moves that of what is donated to it. */
export const hasNumbers = (x: unknown): x is Tensor => isTensor(x) && (x.data.length > 0 || x.shape.includes(0))

/** The mistake of handing an operation what is no value, one whose interpreter has finished, or one whose array was moved. */
export const noValue = (operation: string, x: unknown): Error => {
  if (isTensor(x))
    return new Error(
      `${operation}: got ${x.dtype} ${showShape(x.shape)} whose numbers were given away; needs a tensor that has them`,
    )
  if (isTracer(x)) return new Error(`${operation}: got a value of a finished ${x.owner.name}; needs one still in use`)
  const needed = typeof x === 'number' ? 'a value' : 'a number or a value'
  return new Error(`${operation}: got ${described(x)}; needs ${needed}, such as tensor([1, 2])`)
}
