import { isTensor } from '@secant/linalg'
import type { Atom, Program } from './record.ts'

/** A program without the steps of which nothing is read, as derivatives record some; the same program where all are. */
export const withoutDeadSteps = (program: Program): Program => {
  const needed = new Set<number>()
  const need = (atom: Atom): void => {
    if (!isTensor(atom)) needed.add(atom.id)
  }
  program.outputs.forEach(need)
  const steps = program.steps
    .toReversed()
    .filter(({ outs, args }) => {
      const alive = outs.some(({ id }) => needed.has(id))
      if (alive) args.forEach(need)
      return alive
    })
    .toReversed()
  return steps.length === program.steps.length ? program : { ...program, steps }
}
