import type { Program, Step } from '@secant/autodiff'
import { sizeOf } from '@secant/linalg'
import { reachable } from '../collapse.ts'
import { controlOf } from '../control.ts'
import { standing } from '../expression.ts'
import { deviceFunctions } from './functions.ts'

const isKnown = (step: Step): boolean => {
  const lowering = step.primitive.lower?.(step.params as never, step.args)
  if (lowering === undefined) return false
  if (lowering.kind !== 'entries') return true
  const formula = standing(lowering.formula, ['float64', 'float64', 'float64'])
  return reachable([formula]).every((e) => e.kind !== 'call' || deviceFunctions.has(e.f))
}

/** Names of operations that devices have nothing for, those of inner programs too. */
export const unknownIn = ({ steps }: Program): readonly string[] => [
  ...new Set(
    steps.flatMap((step) => {
      if (step.outs.some(({ shape }) => sizeOf(shape) === 0)) return [step.primitive.name]
      const control = controlOf(step)
      if (control !== undefined) return control.inner.flatMap(({ program }) => unknownIn(program))
      return isKnown(step) ? [] : [step.primitive.name]
    }),
  ),
]
