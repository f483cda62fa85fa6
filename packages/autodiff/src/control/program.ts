/** What can be read off a program, and programs without what is idle in them. */
import { isTensor, type TensorType } from '@secant/linalg'
import type { Values } from '../core.ts'
import { type Atom, type Program, recordValues, type Step } from '../record.ts'
import { type Flags, pick } from './flags.ts'

/** Which outputs depend on the flagged inputs, on ways that only touch what `through` lets pass. */
export const reached = (program: Program, from: Flags, through: (type: TensorType) => boolean = () => true): Flags => {
  const ids = new Set(pick(program.inputs, from).map(({ id }) => id))
  const depends = (atom: Atom): boolean => !isTensor(atom) && ids.has(atom.id)
  for (const { args, outs } of program.steps)
    if (args.some(depends)) for (const out of outs) if (through(out)) ids.add(out.id)
  return program.outputs.map(depends)
}

/** The least flags that contain `start` and all that follows from them: a carry comes round to its own input. */
export const closed = (start: Flags, follow: (flags: Flags) => Flags): Flags => {
  let flags = start
  for (;;) {
    const next = follow(flags)
    if (next.every((flag, i) => flags[i] || !flag)) return flags
    flags = flags.map((flag, i) => flag || (next[i] as boolean))
  }
}

/** The program without steps whose results nobody reads. */
export const pruned = (program: Program): Program => {
  const needed = new Set<number>()
  const need = (atom: Atom): void => {
    if (!isTensor(atom)) needed.add(atom.id)
  }
  program.outputs.forEach(need)
  const steps: Step[] = []
  for (const step of program.steps.toReversed())
    if (step.outs.some(({ id }) => needed.has(id))) {
      step.args.forEach(need)
      steps.push(step)
    }
  return { ...program, steps: steps.reverse() }
}

/** Which inputs a program reads. */
export const inputsRead = ({ inputs, steps, outputs }: Program): Flags => {
  const read = new Set<number>()
  for (const atom of [...steps.flatMap(({ args }) => args), ...outputs]) if (!isTensor(atom)) read.add(atom.id)
  return inputs.map(({ id }) => read.has(id))
}

/**
 * A function made of programs, as a program without idle steps. Programs close over no tracer; only the rule of a
 * `customDerivative` inside one may, and is refused.
 */
export const programOf = (f: (xs: Values) => Values, types: readonly TensorType[]): Program => {
  const { program, captured } = recordValues(f, types)
  if (captured.length > 0)
    throw new Error('customDerivative: got a rule that closes over a traced value; needs it in the argument')
  return pruned(program)
}
