import { bind, type Program, recordValues, type Value } from '@secant/autodiff'
import { isTensor } from '@secant/linalg'

/** A program in which operations that are composed of others are those others. */
export const composedIn = (program: Program): Program => {
  if (program.steps.every(({ primitive }) => primitive.composed === undefined)) return program
  return recordValues((xs) => {
    const known = new Map<number, Value>()
    const read = (atom: Program['outputs'][number]): Value => (isTensor(atom) ? atom : (known.get(atom.id) as Value))
    program.inputs.forEach(({ id }, i) => void known.set(id, xs[i] as Value))
    for (const { primitive, params, args, outs } of program.steps) {
      const values = args.map(read)
      const results =
        primitive.composed === undefined
          ? bind(primitive, values, params as never)
          : primitive.composed(values, params as never)
      outs.forEach(({ id }, i) => void known.set(id, results[i] as Value))
    }
    return program.outputs.map(read)
  }, program.inputs).program
}
