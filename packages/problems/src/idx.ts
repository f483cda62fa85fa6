import { fromData, sizeOf, type Tensor } from '@secant/linalg'
import * as E from 'fp-ts/lib/Either.js'
import { type DecodeError, malformed } from './decode-error.ts'

/**
 * A float64 tensor from an idx file of bytes: `0 0 8 rank`, one big-endian length of 32 bits an axis, then the
 * entries in row-major order. Sizes are checked against the file before anything is allocated.
 *
 * @example
 * decodeIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)) // => { _tag: 'Right', right: tensor([7, 9]) }
 */
export const decodeIdx = (bytes: Uint8Array): E.Either<DecodeError, Tensor> => {
  const [zero0, zero1, type, rank] = bytes
  if (zero0 !== 0 || zero1 !== 0 || type !== 8 || rank === undefined || rank === 0)
    return E.left(malformed('bytes 0 to 3', `[${[...bytes.subarray(0, 4)]}]`, '[0, 0, 8, rank] with rank ≥ 1'))
  const header = 4 + 4 * rank
  if (bytes.length < header) return E.left(malformed('the header', `${bytes.length} bytes`, `${header}`))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  if (bytes.length !== header + sizeOf(shape))
    return E.left(
      malformed('the body', `${bytes.length - header} bytes`, `${sizeOf(shape)} for shape [${shape.join(', ')}]`),
    )
  return E.right(fromData(Float64Array.from(bytes.subarray(header)), shape))
}
