/** What assumptions find, in few words. */
import type { Quantity } from './known.ts'
import type { RunView } from './run-view.ts'
import type { Status } from './status.ts'
import type { StepView } from './step-view.ts'
import type { Finding } from './theorem.ts'

/** A number for people: four digits. */
export const shown = (value: number): string => String(Number(value.toPrecision(4)))

export const found = <A>(status: Status, value: A, detail: string): Finding<A> => ({ status, detail, value })

export const unknown = (detail: string): Finding<never> => ({ status: 'unknown', detail })

/** An assumption that does not hold; the value, where there is one, lets the bound be looked at all the same. */
export const failed = <A>(detail: string, value?: A): Finding<A> =>
  value === undefined ? { status: 'failed', detail } : { status: 'failed', detail, value }

/** A quantity as a finding, unless a step of the run refutes it. */
export const fromQuantity = (
  name: string,
  quantity: Quantity | undefined,
  refutation: (value: number) => string | undefined,
): Finding<number> => {
  if (quantity === undefined) return unknown(`${name} is not known`)
  const { value, status, how } = quantity
  const refuted = status === 'estimated' ? undefined : refutation(value)
  if (refuted !== undefined) return failed(`${name} = ${shown(value)} is refuted: ${refuted}`, value)
  return found(status, value, `${name} = ${shown(value)}, ${how}`)
}

/** Measured along the run: holds at every step, or fails at the first where it does not. */
export const alongRun = <A>(
  { steps }: RunView,
  value: A,
  detail: string,
  isBroken: (step: StepView, index: number) => string | undefined,
): Finding<A> => {
  for (const [i, step] of steps.entries()) {
    const broken = isBroken(step, i)
    if (broken !== undefined) return failed(`step ${step.k}: ${broken}`, value)
  }
  return steps.length === 0 ? unknown('the run has no steps') : found('measured', value, detail)
}

/** A number that is known beside the trace, or that the options of the trace declare. */
export const declaredNumber = (
  { known, header }: RunView,
  name: 'c1' | 'c2' | 'shrink' | 'sigma',
): number | undefined => {
  const given = known[name] ?? header.options[name]
  return typeof given === 'number' ? given : undefined
}
