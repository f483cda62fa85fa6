/** What CWSS is compared with, as methods that may depend on the problem. */
import { concrete, diagonal, hessian, type Value } from '@secant/autodiff'
import { foldIn, key, map, type Tensor } from '@secant/linalg'
import type { Descent, Direction } from '@secant/optim'
import {
  backtracking,
  bfgs,
  descend,
  exactQuadratic,
  fixed,
  lbfgs,
  type Method,
  rescaledBfgs,
  strongWolfe,
} from '@secant/optim'
import { bestSteps, type Diagonal, guarded, hypergradientSteps, randomSteps, shrunk, unscaled } from '@secant/policy'
import type { Instance } from '@secant/problems'
import { plainBfgs } from './policy.ts'
import { type Lesson, lessonLabel } from './training.ts'

/** A method by the name of its row, made for one problem. */
export interface Contender {
  readonly name: string
  readonly title: string
  readonly method: (instance: Instance<unknown>) => Method<unknown>
  /** Whether it exists for quadratics only, or needs second derivatives: a ceiling rather than a rival. */
  readonly onlyQuadratic: boolean
  /** The lesson that its parameters come from. */
  readonly trained?: string
}

/** A method whose state only it needs to know. */
const known = <S>(method: Method<S>): Method<unknown> => method as unknown as Method<unknown>

/** A method that does not depend on the problem. */
export const always = <S>(name: string, title: string, method: Method<S>): Contender => ({
  name,
  title,
  method: () => known(method),
  onlyQuadratic: false,
})

const onQuadratics = <S>(
  name: string,
  title: string,
  method: (instance: Instance<unknown>) => Method<S>,
): Contender => ({
  name,
  title,
  method: (instance) => known(method(instance)),
  onlyQuadratic: true,
})

/**
 * The guard of deployment: steps shrunk toward their mean where they lose descent, halved until f decreases enough, and
 * BFGS with a strong Wolfe search where none does.
 */
export const deployed = <M extends Diagonal>(direction: Direction<M>): Method<Descent<M>> =>
  guarded(shrunk(direction), backtracking({ most: 20 }), { along: unscaled, search: strongWolfe() })

/** Parameters that a lesson has led to. */
export interface Taught {
  readonly lesson: Lesson
  readonly theta: unknown
}

const directionOf = ({ lesson, theta }: Taught): Direction<Diagonal> => lesson.variant.policy.direction(theta)

/** Learned steps as they are: one evaluation an iteration, and no safety. */
export const unguarded = (taught: Taught): Contender => ({
  ...always(taught.lesson.variant.name, taught.lesson.variant.title, descend(directionOf(taught), fixed(1))),
  trained: lessonLabel(taught.lesson),
})

/** Learned steps with the guard of deployment. */
export const withGuard = (taught: Taught): Contender => {
  const { name, title } = taught.lesson.variant
  return {
    ...always(`${name}-guarded`, `${title}, guarded`, deployed(directionOf(taught))),
    trained: lessonLabel(taught.lesson),
  }
}

const secondDerivatives = ({ objective }: Instance<unknown>, x: Tensor): Tensor =>
  concrete(hessian((v: Value) => objective(v))(x))

/** The measure of all others: what iterations are counted against. */
export const reference: Contender = always('backtracking', 'BFGS, backtracking', descend(plainBfgs, backtracking()))

const constantSteps = [1.2, 1.4, 1.6, 1.8].map((alpha) =>
  always(`constant-${alpha}`, `BFGS, constant step ${alpha}`, descend(plainBfgs, fixed(alpha))),
)

const hypergradients = [0.01, 0.03, 0.1, 0.3, 1].map((rate) =>
  always(
    `hgd-${rate}`,
    `BFGS, hypergradient steps, β = ${rate}`,
    descend(hypergradientSteps(plainBfgs, { rate }), fixed(1)),
  ),
)

const randomKey = foldIn(key(2 ** 41), 0)

/** The baselines, controls and ceilings. */
/** The first matrix rescaled to fit the first pair: one line that is worth as much as learning on some families. */
const rescaled = descend(rescaledBfgs({ initialScale: () => 1 }), backtracking())

export const contenders: readonly Contender[] = [
  always('unit', 'BFGS, unit step', descend(plainBfgs, fixed(1))),
  reference,
  always('wolfe-0.9', 'BFGS, strong Wolfe, c₂ = 0.9', descend(plainBfgs, strongWolfe({ c2: 0.9 }))),
  always('wolfe-0.1', 'BFGS, strong Wolfe, c₂ = 0.1', descend(plainBfgs, strongWolfe({ c2: 0.1 }))),
  onQuadratics('exact', 'BFGS, exact search', () => descend(plainBfgs, exactQuadratic())),
  ...constantSteps,
  always(
    'random-scalar',
    'control: one random step, guarded',
    deployed(randomSteps(plainBfgs, randomKey, { shared: true })),
  ),
  always('random-diagonal', 'control: random steps, guarded', deployed(randomSteps(plainBfgs, randomKey))),
  ...hypergradients,
  onQuadratics('diagonal-h0', 'BFGS from diag(Hessian)⁻¹, unit step', (instance) => {
    const scales = map(concrete(diagonal(secondDerivatives(instance, instance.start))), (entry) => 1 / entry)
    return descend(bfgs({ initialScale: () => scales }), fixed(1))
  }),
  onQuadratics('best-steps', 'ceiling: best p in [0, 2] each step', (instance) =>
    descend(bestSteps(plainBfgs, secondDerivatives(instance, instance.start)), fixed(1)),
  ),
  always('rescaled', 'BFGS, H₀ rescaled by the first pair, backtracking', rescaled),
  always('lbfgs', 'L-BFGS(10), strong Wolfe', descend(lbfgs(), strongWolfe())),
]
