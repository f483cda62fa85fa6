/** Arguments that give up their memory to results. */
import { type DType, isTensor, showShape, type Tensor } from '@secant/linalg'
import { type Leaf, templateOf } from './template.ts'

declare const structuredClone: <A>(value: A, options: { readonly transfer: readonly A[] }) => A

const arrays: { readonly [K in DType]: (buffer: ArrayBuffer) => Tensor['data'] } = {
  float64: (buffer) => new Float64Array(buffer),
  float32: (buffer) => new Float32Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  bool: (buffer) => new Uint8Array(buffer),
}

/** Which leaves are tensors of the arguments at some positions. */
export const leavesAt = (args: readonly unknown[], positions: readonly number[]): readonly number[] => {
  const leaves: Leaf[] = []
  return args.flatMap((arg, position) => {
    const first = leaves.length
    templateOf(arg, leaves)
    const own = leaves.slice(first).flatMap((leaf, i) => (typeof leaf === 'number' ? [] : [first + i]))
    return positions.includes(position) ? own : []
  })
}

const refused = ({ dtype, shape }: Tensor, why: string): Error =>
  new Error(`jit: got ${dtype} ${showShape(shape)} to donate, ${why}`)

/**
 * The leaves, in which those at some positions lie in memory that is theirs alone; the arrays in which they came are empty
 * afterwards. Fails (throws) before any is moved where memory is not an array's own, or is needed elsewhere.
 */
export const moved = (
  leaves: readonly Leaf[],
  donated: readonly number[],
  frozen: ReadonlySet<ArrayBufferLike>,
): readonly Leaf[] => {
  const given = new Map<ArrayBufferLike, number>()
  const bufferOf = (leaf: Leaf | undefined): ArrayBufferLike | undefined =>
    isTensor(leaf) ? leaf.data.buffer : undefined
  for (const position of donated) {
    const tensor = leaves[position] as Tensor
    const { buffer, byteLength } = tensor.data
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== byteLength)
      throw refused(
        tensor,
        'which is part of larger or shared memory; needs one with memory of its own, such as a copy',
      )
    if (frozen.has(buffer)) throw refused(tensor, 'which the function closes over; needs a copy of it')
    if (!given.has(buffer)) given.set(buffer, position)
  }
  leaves.forEach((leaf, position) => {
    const buffer = bufferOf(leaf)
    if (buffer !== undefined && given.has(buffer) && !donated.includes(position))
      throw refused(leaf as Tensor, 'which is also another argument; needs a copy of it')
  })
  const after = [...leaves]
  // What shares memory with another one that is donated is copied, before that is moved.
  for (const position of donated) {
    const tensor = leaves[position] as Tensor
    if (given.get(tensor.data.buffer) !== position) after[position] = { ...tensor, data: tensor.data.slice() } as Tensor
  }
  for (const [buffer, position] of given) {
    const { dtype, shape } = leaves[position] as Tensor
    const own = structuredClone(buffer, { transfer: [buffer] }) as ArrayBuffer
    after[position] = { dtype, shape, data: arrays[dtype](own) } as Tensor
  }
  return after
}
