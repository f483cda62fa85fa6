import { concrete, evaluate, record, type Value } from '@secant/autodiff'
import { add, dot, neg, norm, sub, type Tensor } from '@secant/linalg'
import type { Direction, Move, Point } from '@secant/optim'
import fc from 'fast-check'
import type { KnownProblem } from './known-problem.ts'
import { demand, type Law } from './law.ts'
import { convexProblems } from './losses.ts'
import { copyOf, stateText } from './plain-state.ts'
import { displacements } from './steps.ts'
import { type Change, changed, permutation } from './symmetry.ts'

/** What is claimed of a direction beyond what holds for all. */
export interface DirectionClaims {
  /** After a step s with change y of the gradient, the direction at gradient y is −s: `H⁺y = s`. */
  readonly secant?: boolean
  /** The direction goes down from every gradient: `g'd < 0`. */
  readonly positiveDefinite?: boolean
  /** Permuting the variables permutes the direction. */
  readonly permutes?: boolean
  /** Problems whose steps are observed; strongly convex ones unless given, which have curvature along every step. */
  readonly problems?: fc.Arbitrary<KnownProblem>
}

/** A problem and steps from its start that any search might have taken. */
type Walk = readonly [problem: KnownProblem, steps: readonly Tensor[]]

const walks = (problems: fc.Arbitrary<KnownProblem>): fc.Arbitrary<Walk> =>
  problems.chain((problem) => fc.tuple(fc.constant(problem), displacements(problem.n, 6)))

interface Walked<M> {
  readonly memory: M
  readonly last: Move & { readonly from: Point; readonly to: Point }
}

/** What a direction remembers after it proposed at every place of a walk and observed every step. */
const afterWalk = <M>(direction: Direction<M>, [problem, steps]: Walk): readonly Walked<M>[] => {
  let from = problem.measured.point(problem.start)
  let memory = direction.init(from)
  return steps.map((s) => {
    const to = problem.measured.point(add(from.x, s))
    const last = { from, to, alpha: 1 }
    memory = direction.observe(direction.propose(memory, from)[1], last)
    from = to
    return { memory, last }
  })
}

const proposal = <M>(direction: Direction<M>, memory: M, at: Point): Tensor =>
  concrete(direction.propose(memory, at)[0])

const lengthOff = (found: Tensor, expected: Tensor): number => norm(sub(found, expected))

const list = ({ data }: Tensor): string => `[${[...data].join(', ')}]`

/** The same memory proposes the same, as it is, copied or recorded, and is left as it was. */
const isPure = <M>(direction: Direction<M>, walk: Walk): void => {
  for (const { memory, last } of afterWalk(direction, walk)) {
    const before = stateText(memory)
    const proposed = proposal(direction, memory, last.to)
    const copied = proposal(direction, copyOf(memory), last.to)
    demand(stateText(memory) === before, () => 'proposing changed the memory')
    demand(
      stateText(copied) === stateText(proposed),
      () => `proposed ${list(proposed)}; from a copy of its memory ${list(copied)}`,
    )
    const { program } = record((grad: Value) => direction.propose(memory, { ...last.to, grad })[0])(last.to.grad)
    const evaluated = concrete(evaluate(program)([last.to.grad])[0] as Value)
    demand(
      stateText(evaluated) === stateText(proposed),
      () => `proposed ${list(proposed)}; recorded and evaluated ${list(evaluated)}`,
    )
  }
}

const satisfiesSecant = <M>(direction: Direction<M>, walk: Walk): void => {
  for (const { memory, last } of afterWalk(direction, walk)) {
    const [s, y] = [sub(last.to.x, last.from.x), sub(last.to.grad, last.from.grad)]
    const found = neg(proposal(direction, memory, { ...last.to, grad: y }))
    demand(lengthOff(found, s) <= 1e-6 * norm(s), () => `H⁺y = ${list(found)}; s = ${list(s)}`)
  }
}

const goesDown = <M>(direction: Direction<M>, walk: Walk): void => {
  const [, steps] = walk
  for (const { memory, last } of afterWalk(direction, walk))
    for (const grad of [last.to.grad, ...steps]) {
      if (norm(grad) === 0) continue
      const slope = dot(grad, proposal(direction, memory, { ...last.to, grad }))
      demand(slope < 0, () => `at gradient ${list(grad)} the slope along the direction is ${slope}`)
    }
}

const permutes = <M>(direction: Direction<M>, [problem, steps]: Walk, change: Change): void => {
  const moved: Walk = [changed(problem, change), steps.map((s) => concrete(change.to(s)))]
  const others = afterWalk(direction, moved)
  for (const [k, { memory, last }] of afterWalk(direction, [problem, steps]).entries()) {
    const other = others[k]
    if (other === undefined) continue
    const expected = concrete(change.to(proposal(direction, memory, last.to)))
    const found = proposal(direction, other.memory, other.last.to)
    demand(
      lengthOff(found, expected) <= 1e-6 * norm(expected) + 1e-12,
      () => `after ${change.name}, proposed ${list(found)}; needs ${list(expected)}`,
    )
  }
}

/**
 * The laws of a direction: it is pure, its memory is plain data, and it can be recorded; with what is claimed of its
 * inverse Hessian, seen through what it proposes.
 *
 * @example
 * import fc from 'fast-check'
 * const laws = lawsOf(bfgs(), { secant: true, positiveDefinite: true, permutes: true })
 * for (const { property } of laws) fc.assert(property, { numRuns: 5 })
 * laws.map(({ name }) => name)[1] // => 'satisfies the secant equation'
 */
export const lawsOf = <M>(direction: Direction<M>, claims: DirectionClaims = {}): readonly Law[] => {
  const drawn = walks(claims.problems ?? convexProblems())
  const law = (name: string, holds: (direction: Direction<M>, walk: Walk) => void): Law => ({
    name,
    property: fc.property(drawn, (walk) => holds(direction, walk)),
  })
  const shuffled = drawn.chain((walk) => fc.tuple(fc.constant(walk), permutation.changes(walk[0].n)))
  return [
    law('is pure and can be recorded', isPure),
    ...(claims.secant ? [law('satisfies the secant equation', satisfiesSecant)] : []),
    ...(claims.positiveDefinite ? [law('goes down from every gradient', goesDown)] : []),
    ...(claims.permutes
      ? [
          {
            name: 'permuting the variables permutes the direction',
            property: fc.property(shuffled, ([walk, change]) => permutes(direction, walk, change)),
          },
        ]
      : []),
  ]
}
