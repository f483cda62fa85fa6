import { item, mean, valueAndGradBeside, vmap } from '@secant/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { isFiniteTree, membersAt, placesOf } from './batch.ts'
import type { Estimate, Estimator, NothingFinite } from './estimator.ts'
import type { Stretch } from './unroll.ts'

/**
 * The gradient of the mean loss over a batch, by backpropagation through the steps of a stretch. Where it is not finite,
 * the members that are to blame are dropped: each is then tried alone.
 */
export const throughTime = <T, Runs>(stretch: Stretch<T, Runs>): Estimator<T, Runs, Runs> => {
  const together = (theta: T, runs: Runs, dropped: number): E.Either<NothingFinite, Estimate<T, Runs>> => {
    const [loss, gradient, state] = valueAndGradBeside((parameters: T) => {
      const [losses, next] = vmap((episode: Runs) => stretch(parameters, episode))(runs)
      return [mean(losses), next]
    })(theta)
    const members = placesOf(runs).length
    return Number.isFinite(item(loss)) && isFiniteTree(gradient)
      ? E.right({ loss: item(loss), gradient, state, members, dropped })
      : E.left({ kind: 'nothing finite', dropped: dropped + members })
  }
  return {
    name: 'backpropagation through time',
    begin: (_, runs) => runs,
    estimate: (theta, runs) => {
      const all = together(theta, runs, 0)
      if (E.isRight(all)) return all
      const places = placesOf(runs)
      const sound = places.filter((i) => E.isRight(together(theta, membersAt(runs, [i]), 0)))
      return sound.length === 0 ? all : together(theta, membersAt(runs, sound), places.length - sound.length)
    },
  }
}
