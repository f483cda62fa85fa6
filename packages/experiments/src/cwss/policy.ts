/**
 * CWSS: BFGS whose steps an LSTM scales variable by variable (Lin, Song and Xu 2024, arXiv:2412.00059), what it is
 * trained with, and the policies it is compared with.
 */
import {
  abs,
  add,
  dot,
  greater,
  mul,
  neg,
  safeDiv,
  square,
  stopGradient,
  sub,
  sum,
  type Value,
  where,
} from '@secant/autodiff'
import { bfgs, type Direction } from '@secant/optim'
import {
  coordinatewise,
  type Diagonal,
  every,
  lstmNetwork,
  mlpNetwork,
  type Policy,
  raw,
  type StepLoss,
  stepScaled,
} from '@secant/policy'

/** BFGS from the identity, as the paper has it. */
export const plainBfgs: Direction<Value> = bfgs({ initialScale: () => 1 })

/** A policy whose parameters and memory only it needs to know, but for the steps that it remembers. */
export type DiagonalPolicy = Policy<unknown, Diagonal>

/** What it is handed back is only ever its own. */
const known = <T, M extends Diagonal>(policy: Policy<T, M>): DiagonalPolicy => policy as unknown as DiagonalPolicy

/** A network and how it is used, by the name that files and tables know it by. */
export interface Variant {
  readonly name: string
  readonly title: string
  readonly policy: DiagonalPolicy
}

/** A policy by its name. */
export const variantOf = <T, M extends Diagonal>(name: string, title: string, policy: Policy<T, M>): Variant => ({
  name,
  title,
  policy: known(policy),
})

export const lstm: Variant = variantOf('lstm', 'CWSS', coordinatewise(plainBfgs, lstmNetwork()))

/** The same with another part exchanged: what each part is worth. */
export const ablations: readonly Variant[] = [
  variantOf('mlp', 'MLP in place of the LSTM', coordinatewise(plainBfgs, mlpNetwork())),
  variantOf('scalar', 'one learned step for all variables', stepScaled(plainBfgs, lstmNetwork())),
  variantOf('every-5', 'steps renewed every 5 iterations', coordinatewise(plainBfgs, every(5, lstmNetwork()))),
  variantOf('every-20', 'steps renewed every 20 iterations', coordinatewise(plainBfgs, every(20, lstmNetwork()))),
  variantOf('raw', 'features not normalised', coordinatewise(plainBfgs, lstmNetwork(), { features: raw })),
]

/**
 * `f(x₊) / g'd + λ ‖P − I‖²` (the paper's loss, with the weight 1/g'd): half the decrease that the BFGS model expects is
 * the unit, and P is drawn to I. Only p is differentiated. A constant is taken off, so that f may be large; and a step
 * whose expected decrease is lost in the rounding of f costs nothing, since nothing can be learned from it.
 */
export const cwssLoss =
  (lambda: number): StepLoss<Diagonal> =>
  ({ from, to }, { steps, along }) => {
    const expected = stopGradient(neg(dot(from.grad, along)))
    const counts = greater(expected, stopGradient(mul(1e-12, abs(from.value))))
    const gain = safeDiv(sub(to.value, stopGradient(from.value)), expected, counts, 0)
    return where(counts, add(gain, mul(lambda, sum(square(sub(steps, 1))))), 0)
  }
