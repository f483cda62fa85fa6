import { bind, type Program, recordValues, type Step, type Value, type Values } from '@secant/autodiff'
import { isTensor } from '@secant/linalg'

const compositionOf = ({ primitive, params, args }: Step): ((args: Values) => Value) | undefined => {
  const lowering = primitive.lower?.(params as never, args)
  return lowering?.kind === 'composed' ? (values) => lowering.of(values) as Value : undefined
}

/** A program in which operations that are composed of others are those others. */
export const composedIn = (program: Program): Program => {
  if (program.steps.every((step) => compositionOf(step) === undefined)) return program
  return recordValues((xs) => {
    const known = new Map<number, Value>()
    const read = (atom: Program['outputs'][number]): Value => (isTensor(atom) ? atom : (known.get(atom.id) as Value))
    program.inputs.forEach(({ id }, i) => void known.set(id, xs[i] as Value))
    for (const step of program.steps) {
      const [values, composition] = [step.args.map(read), compositionOf(step)]
      const results = composition ? [composition(values)] : bind(step.primitive, values, step.params as never)
      step.outs.forEach(({ id }, i) => void known.set(id, results[i] as Value))
    }
    return program.outputs.map(read)
  }, program.inputs).program
}
