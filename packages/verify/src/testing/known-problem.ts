import type { Operand, Value } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import { type Objective, objectiveOf } from '@secant/optim'
import type { Problem } from '@secant/problems'
import type { Known } from '../known.ts'
import { printedAs } from './printed.ts'

/** What is known of a test problem, in the form that `verify` takes. */
export interface Facts extends Known {
  /** Lipschitz constant of the gradient. */
  readonly L: number
  /** Constant of strong convexity; 0 for what is only convex, absent for what is not even that. */
  readonly mu?: number
  readonly convex: boolean
  readonly minimum: number
}

/** A smooth problem about which everything is known, by construction. Its name is the call that makes it. */
export interface KnownProblem extends Problem<Value> {
  readonly start: Tensor
  /** The objective in autodiff operations, `[n] → []`. */
  readonly objective: (x: Value) => Operand
  /** The same, measured. */
  readonly measured: Objective
  readonly minimizer: Tensor
  readonly minimum: number
  readonly known: Facts
}

interface Parts {
  readonly name: string
  readonly objective: (x: Value) => Operand
  readonly start: Tensor
  readonly minimizer: Tensor
  readonly facts: Omit<Facts, 'minimum' | 'minimizer'>
}

/** The problem of a smooth function and its minimizer. Fails (throws) where these have no common length. */
export const knownProblem = ({ name, objective, start, minimizer, facts }: Parts): KnownProblem => {
  const n = start.data.length
  if (minimizer.data.length !== n)
    throw new Error(`${name}: got a minimizer of ${minimizer.data.length} numbers; needs ${n}, as many as the start`)
  const { objective: measured } = objectiveOf(objective, start as Value)
  const minimum = measured.value(minimizer)
  const known = { ...facts, minimum, minimizer: minimizer.data }
  return printedAs(name, { name, n, objective, start, measured, minimizer, minimum, known })
}

/** The same problem from somewhere else. */
export const startedAt = (problem: KnownProblem, start: Tensor): KnownProblem =>
  printedAs(`startedAt(${problem.name}, [${[...start.data].join(', ')}])`, { ...problem, start })
