import type { Condition } from '@secant/optim'
import fc from 'fast-check'
import type { Known } from '../known.ts'
import type { KnownProblem } from './known-problem.ts'
import type { Law } from './law.ts'
import { convexProblems } from './losses.ts'
import {
  certificatesAreTrue,
  converges,
  descends,
  follows,
  iteratesAreMeasured,
  type MethodFor,
  type MethodLaw,
  resumesBitForBit,
  startsWhereTold,
  staysAtMinimizer,
  staysFinite,
  stepsArePure,
  stepsSatisfy,
  theoremsHold,
} from './method-laws.ts'
import type { Symmetry } from './symmetry.ts'

/** What is claimed of a method beyond what holds for all; and where, and for how long, to look. */
export interface MethodClaims {
  /** Values never rise. */
  readonly descends?: boolean
  /** What every step satisfies, such as the condition of the method's search. */
  readonly steps?: Condition
  /** The changes of a problem that the iterates follow. */
  readonly follows?: readonly Symmetry[]
  /** The gradient falls to 10⁻⁶ of the first within so many iterations. */
  readonly convergesWithin?: number
  /** What theorems are told of the method: constants of its search, promises, those of Adam. */
  readonly known?: Known
  /** Problems to draw; strongly convex ones with a condition number up to 100 unless given. */
  readonly problems?: fc.Arbitrary<KnownProblem>
  /** Iterations to look at; 12 unless given. */
  readonly iterations?: number
}

/**
 * The laws of a method, to be checked one by one: a fresh run begins at its start, stays at a minimizer, tells what was
 * measured, stays finite; a step is a pure function of the state and the answers, and a saved state goes on to the same
 * bits; certificates are true at the returned point, which is no worse than the start; the theorems that apply to a run
 * hold on it; and whatever is claimed. A method that needs constants of its problem, such as 1/L, is given as a function
 * of the problem.
 *
 * @example
 * import fc from 'fast-check'
 * const method = descend(bfgs(), strongWolfe())
 * const laws = propertiesOf(method, { descends: true, steps: strongWolfeCondition(), follows: [rotation] })
 * for (const { property } of laws) fc.assert(property, { numRuns: 5 })
 * laws.length // => 11
 */
export const propertiesOf = <S>(method: MethodFor<S>, claims: MethodClaims = {}): readonly Law[] => {
  const { problems = convexProblems(), iterations = 12, convergesWithin } = claims
  const law = (name: string, holds: MethodLaw): Law => ({
    name,
    property: fc.property(problems, (problem) => holds(method, problem, iterations)),
  })
  const claimed = <A>(claim: A | undefined, laws: (claim: A) => readonly Law[]): readonly Law[] =>
    claim === undefined || claim === false ? [] : laws(claim)
  return [
    law('begins where it is told to', startsWhereTold),
    law('stays at a minimizer', staysAtMinimizer),
    law('tells of its points what was measured there', iteratesAreMeasured),
    law('stays finite on convex problems', staysFinite),
    law('a step is a pure function of the state and the answers', stepsArePure),
    law('a saved state goes on to the same bits', resumesBitForBit),
    law('certificates are true at the returned point, which is no worse than the start', certificatesAreTrue),
    law('the theorems that apply hold', theoremsHold(claims.known ?? {})),
    ...claimed(claims.descends, () => [law('values never rise', descends)]),
    ...claimed(claims.steps, (condition) => [law(`steps satisfy ${condition.name}`, stepsSatisfy(condition))]),
    ...claimed(claims.follows, (symmetries) =>
      symmetries.map(({ name, changes }) => ({
        name: `follows a ${name}`,
        property: fc.property(
          problems.chain((problem) => fc.tuple(fc.constant(problem), changes(problem.n))),
          ([problem, change]) => follows(change)(method, problem, Math.min(iterations, 5)),
        ),
      })),
    ),
    ...claimed(convergesWithin, (limit) => [
      {
        name: `converges within ${limit} iterations`,
        property: fc.property(problems, (problem) => converges(method, problem, limit)),
      },
    ]),
  ]
}
