/** Values one after another: rows that a loop made, and results on their way to the host. */
import { denseLayout } from '@secant/autodiff'
import { type Shape, sizeOf } from '@secant/linalg'
import {
  type DeviceTensor,
  type Instruction,
  mostArguments,
  prepareLoop,
  runLoop,
  type Scope,
  where,
  within,
} from '@secant/linalg/gpu'

/** Some entries along the first axis of a whole. */
export interface Part {
  readonly value: DeviceTensor
  readonly length: number
}

const lengthOf = (parts: readonly Part[]): number => parts.reduce((total, { length }) => total + length, 0)

/** As many parts as one launch takes. */
const joinedFew = (scope: Scope, parts: readonly Part[], inner: Shape): Part => {
  const length = lengthOf(parts)
  const shape = [length, ...inner]
  const { strides } = denseLayout(shape)
  const code: Instruction[] = [{ kind: 'constant', value: 0 }]
  let from = 0
  parts.forEach(({ length: count }, argument) => {
    const rest = code.length - 1
    const start = 0 - from * sizeOf(inner)
    code.push(
      { kind: 'read', access: { argument, start, strides, spaced: [], guarded: true } },
      { kind: 'within', guards: [{ axis: 0, from, count, step: 1 }] },
      { kind: 'apply', f: where, args: [rest + 2, rest + 1, rest] },
    )
    from += count
  })
  const given = parts.map(({ value: { rows, columns } }) => ({ rows, columns }))
  const loop = prepareLoop({ shape, folded: [], fold: 'sum', code, given })
  const args = parts.map(({ value }) => value)
  return { value: runLoop(scope, loop, args), length }
}

/** Parts below each other, each of its `length` times the entries of `inner`: by groups, and groups of groups. */
export const joined = (scope: Scope, parts: readonly Part[], inner: Shape): DeviceTensor =>
  within(scope, (own) => {
    let list = parts
    do {
      const groups = Array.from({ length: Math.ceil(list.length / mostArguments) }, (_, k) =>
        list.slice(k * mostArguments, (k + 1) * mostArguments),
      )
      list = groups.map((group) => (group.length === 1 ? (group[0] as Part) : joinedFew(own, group, inner)))
    } while (list.length > 1)
    return (list[0] as Part).value
  })
