import { sizeOf, type Tensor } from '@secant/linalg'

/** The number that every entry of a tensor is, if there is one. */
export const uniformValue = ({ data }: Tensor): number | undefined => {
  const first = data[0]
  return first !== undefined && data.every((entry) => Object.is(entry, first)) ? first : undefined
}

/** A text that tells plain values apart; functions, tensors and programs by identity. */
export const keying = (): ((value: unknown) => string) => {
  const identities = new Map<unknown, number>()
  const identity = (value: unknown): string => {
    const number = identities.get(value) ?? identities.size
    identities.set(value, number)
    return `#${number}`
  }
  const isPlain = (value: object): boolean =>
    Array.isArray(value) ||
    (Object.getPrototypeOf(value) === Object.prototype && !('data' in value || 'steps' in value))
  const keyOf = (value: unknown): string => {
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
    if (typeof value === 'string') return JSON.stringify(value)
    if (typeof value !== 'object' || value === null)
      return typeof value === 'function' ? identity(value) : String(value)
    if (!isPlain(value)) return identity(value)
    return `{${Object.entries(value)
      .map(([name, item]) => `${name}:${keyOf(item)}`)
      .join(',')}}`
  }
  return keyOf
}

/** A key of a tensor: by its number if it is a scalar, else by identity. */
export const tensorKey = (tensor: Tensor, keyOf: (value: unknown) => string): string =>
  sizeOf(tensor.shape) === 1
    ? `${tensor.dtype}[${tensor.shape}]${keyOf(tensor.data[0])}`
    : keyOf(tensor.data) + tensor.dtype + tensor.shape
