/** Batches of runs: trees whose leaves all have one leading axis, a member for each place on it. */
import { concrete, flatten, mapTree, take } from '@secant/autodiff'
import { tensor } from '@secant/linalg'

export const placesOf = (batch: unknown): readonly number[] =>
  Array.from({ length: flatten(batch)[0][0]?.shape[0] ?? 0 }, (_, i) => i)

/** The members at some places, in that order. */
export const membersAt = <E>(batch: E, places: readonly number[]): E => {
  const indices = tensor([...places], 'int32')
  return mapTree((leaf) => take(leaf, indices), batch)
}

/** Whether every number of a tree is finite. */
export const isFiniteTree = (tree: unknown): boolean =>
  flatten(tree)[0].every((leaf) => concrete(leaf).data.every(Number.isFinite))
