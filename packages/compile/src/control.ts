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

/** A program inside, and which of its inputs are rows of longer arrays. */
export interface Inner {
  readonly program: Program
  readonly isRow: (input: number) => boolean
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

const whole = (program: Program): Inner => ({ program, isRow: () => false })

export const controlOf = (step: Step): Control | undefined => {
  if (isStepOf(step, scanPrimitive)) {
    const { body, consts, carry, length, reverse } = step.params
    const inner: Inner = { program: body, isRow: (input) => input >= consts + carry }
    return { kind: 'repeat', inner: [inner], consts, carry, length, reverse }
  }
  if (isStepOf(step, whilePrimitive)) {
    const { condition, body, conditionConsts, bodyConsts } = step.params
    return { kind: 'while', inner: [whole(condition), whole(body)], conditionConsts, bodyConsts }
  }
  if (isStepOf(step, switchPrimitive)) return { kind: 'choose', inner: step.params.branches.map(whole) }
  if (!isStepOf(step, checkpointPrimitive)) return undefined
  const { program } = step.params
  const once = { consts: program.inputs.length, carry: program.outputs.length, length: 1, reverse: false }
  // Its results are rows of a single step.
  return { kind: 'repeat', inner: [whole(program)], ...once, carry: 0 }
}
