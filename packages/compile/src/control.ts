/** Loops and branches: steps of a program that hold programs. */
import {
  checkpointPrimitive,
  isStepOf,
  type Program,
  type Step,
  scanPrimitive,
  switchPrimitive,
  whilePrimitive,
} from '@secant/autodiff'

/** A program inside of a step, and what its inputs and outputs have to do with the step's own. */
export interface Inner {
  readonly program: Program
  /** Whether an input is a row of a longer array. */
  readonly isRow: (input: number) => boolean
  /** The argument of the step that an input is, or is a row of; none for the carry, which has places of its own. */
  readonly argument: (input: number) => number | undefined
  /** Whether an output is the result of the step with the same number, or a row of it. */
  readonly isResult: (output: number) => boolean
}

/**
 * - `repeat`: `length` times; inputs are constants, the carry, and a row each; outputs the carry and a row each.
 * - `while`: as long as the first program says so; inputs of each are its constants and the carry.
 * - `choose`: the program with the number that the first argument is, or the nearest there is.
 */
export type Control =
  | {
      readonly kind: 'repeat'
      readonly inner: readonly [Inner]
      readonly consts: number
      readonly carry: number
      readonly length: number
      readonly reverse: boolean
    }
  | {
      readonly kind: 'while'
      readonly inner: readonly [condition: Inner, body: Inner]
      readonly conditionConsts: number
      readonly bodyConsts: number
    }
  | { readonly kind: 'choose'; readonly inner: readonly Inner[] }

const carrying = (program: Program, consts: number, firstArgument: number): Inner => ({
  program,
  isRow: () => false,
  argument: (input) => (input < consts ? firstArgument + input : undefined),
  isResult: () => false,
})
const branch = (program: Program): Inner => ({
  program,
  isRow: () => false,
  argument: (input) => 1 + input,
  isResult: () => true,
})

export const controlOf = (step: Step): Control | undefined => {
  if (isStepOf(step, scanPrimitive)) {
    const { body, consts, carry, length, reverse } = step.params
    const inner: Inner = {
      program: body,
      isRow: (input) => input >= consts + carry,
      argument: (input) => (input < consts || input >= consts + carry ? input : undefined),
      isResult: (output) => output >= carry,
    }
    return { kind: 'repeat', inner: [inner], consts, carry, length, reverse }
  }
  if (isStepOf(step, whilePrimitive)) {
    const { condition, body, conditionConsts, bodyConsts } = step.params
    const inner = [carrying(condition, conditionConsts, 0), carrying(body, bodyConsts, conditionConsts)] as const
    return { kind: 'while', inner, conditionConsts, bodyConsts }
  }
  if (isStepOf(step, switchPrimitive)) return { kind: 'choose', inner: step.params.branches.map(branch) }
  if (!isStepOf(step, checkpointPrimitive)) return undefined
  const { program } = step.params
  const once = { consts: program.inputs.length, carry: program.outputs.length, length: 1, reverse: false }
  // Its results are rows of a single step.
  const inner: Inner = { program, isRow: () => false, argument: (input) => input, isResult: () => true }
  return { kind: 'repeat', inner: [inner], ...once, carry: 0 }
}
