import { checkDerivatives, evaluate, flatten, record, stack, unflatten, type Value, vmap } from '@secant/autodiff'
import { foldIn, key, type Tensor } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { layers, losses } from './layers.ts'
import { expectClose } from './textbook.ts'

const members = [0, 1, 2].map((i) => foldIn(key(21), i))

describe.each([...layers, ...losses])('$name', ({ f, at }) => {
  const tree = at(key(20))
  const results = (x: unknown): readonly Value[] => flatten(f(x))[0]

  test('derivatives to the third order agree with differences, in every parameter', () => {
    expect(checkDerivatives(f, tree, { order: 3, directions: 2 })).toMatchObject({ agrees: true })
  })

  test('recorded for one tree it is the same for another, bit for bit', () => {
    const { program } = record(f)(tree)
    const other = at(key(22))
    expect(evaluate(program)(flatten(other)[0])).toEqual(results(other))
  })

  test('vmap = the loop over members, of all leaves and of each leaf alone', () => {
    const [leaves, structure] = flatten(tree)
    const trees = members.map(at)
    const varied = (which: (leaf: number) => boolean): readonly (readonly Value[])[] =>
      trees.map((member) => flatten(member)[0].map((value, leaf) => (which(leaf) ? value : (leaves[leaf] as Tensor))))
    const choices = [() => true, ...leaves.map((_, one) => (leaf: number) => leaf === one)]
    for (const which of choices) {
      const lists = varied(which)
      const batch = leaves.flatMap((_, leaf) => (which(leaf) ? [stack(lists.map((list) => list[leaf] as Value))] : []))
      const whole = (...parts: readonly Value[]): readonly Value[] => {
        let next = 0
        return results(
          unflatten(
            structure,
            leaves.map((x, leaf) => (which(leaf) ? (parts[next++] as Value) : x)),
          ),
        )
      }
      const batched = vmap(whole)(...batch)
      const looped = lists.map((list) => results(unflatten(structure, list)))
      batched.forEach((value, i) => {
        expectClose(value, stack(looped.map((outs) => outs[i] as Value)))
      })
    }
  })
})
