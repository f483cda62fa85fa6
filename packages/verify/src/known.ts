import type { Tensor } from '@secant/linalg'
import type { Objective } from '@secant/optim'
import type { Status } from './status.ts'

/** A number and how it is known. */
export interface Quantity {
  readonly value: number
  readonly status: Extract<Status, 'given' | 'proved' | 'estimated'>
  /** In a few words: where it comes from. */
  readonly how: string
}

/** What a method may promise of each of its steps: only then is a step without it a failure. */
export const promises = [
  'descent',
  'Armijo',
  'weak Wolfe',
  'strong Wolfe',
  'approximate Wolfe',
  'Goldstein',
  'secant equation',
] as const

export type Promised = (typeof promises)[number]

/** What is known of the problem and the method beside the trace. Plain numbers count as given. */
export interface Known {
  /** Lipschitz constant of the gradient. */
  readonly L?: number | Quantity
  /** Constant of strong convexity. */
  readonly mu?: number | Quantity
  readonly minimum?: number | Quantity
  /** Where the minimum is, `[n]`. */
  readonly minimizer?: ArrayLike<number>
  /** That the objective is convex; implied by mu ≥ 0. */
  readonly convex?: boolean
  /** That the objective is quadratic, with this Hessian `[n, n]`; L and mu follow from it. */
  readonly hessian?: Tensor
  /** The Hessian at the minimizer, `[n, n]`. */
  readonly hessianAtMinimizer?: Tensor
  /** Lipschitz constant of the Hessian. */
  readonly hessianLipschitz?: number
  /** Constants of the line search; those of the trace's options, or the best that the run satisfies, where none are given. */
  readonly c1?: number
  readonly c2?: number
  /** Constants of a backtracking search: first length and factor. */
  readonly initialStep?: number
  readonly shrink?: number
  /** The first inverse Hessian of a quasi-Newton method, `[n, n]` or times the identity; read off the first direction where not given. */
  readonly initialInverse?: Tensor | number
  /** Pairs that L-BFGS keeps. */
  readonly memory?: number
  /** Share σ of the predicted decrease, for coordinate-wise steps. */
  readonly sigma?: number
  /** Decrease δ‖g‖² that a guard demands before it takes a proposed step. */
  readonly delta?: number
  /** Projected online gradient descent on coordinate-wise step sizes: its step η and the interval that it keeps to. */
  readonly hypergradient?: { readonly eta: number; readonly least: number; readonly most: number }
  readonly adam?: {
    readonly rate: number
    readonly beta1: number
    readonly beta2: number
    readonly epsilon?: number
  }
  /** Variance of the drift of each coordinate, where the minimizer moves at random (the noisy bowl). */
  readonly drift?: number
  /** Heavy ball, v ← momentum · v − rate · g, x ← x + v. */
  readonly heavyBall?: { readonly rate: number; readonly momentum: number }
  /** Rate at which a dense inverse Hessian is learned; the trace is then of diag(I − GH). */
  readonly learningRate?: number
  /** Which of these are only estimates. */
  readonly estimated?: readonly ('minimizer' | 'hessianAtMinimizer')[]
  /** What the method promises of each step; the options of the trace may tell it too. */
  readonly promises?: readonly Promised[]
  /** The objective itself, for claims about places where the run has not been. */
  readonly objective?: Objective
}
