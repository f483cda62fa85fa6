/**
 * Programs into smaller programs with the same results, bit for bit. `0·x → 0` and `x − x → 0` are not allowed (x may
 * be infinite or NaN), and neither is `x + 0 → x` (x may be −0).
 */
import {
  type Atom,
  denseLayout,
  type Layout,
  type Program,
  type Step,
  type Variable,
  withoutDeadSteps,
} from '@secant/autodiff'
import { isTensor, sameShape, sizeOf } from '@secant/linalg'
import { keying, tensorKey, uniformValue } from './constants.ts'
import { expressions } from './expression.ts'
import { withKeptResults } from './kept-results.ts'

/** A pass, and the name under which it is explained. */
export interface Pass {
  readonly name: string
  readonly run: (program: Program) => Program
}

/** What a step becomes: itself with its arguments replaced, or other atoms in the place of its results. */
type Rewrite = (step: Step) => Step | readonly Atom[]

const isStep = (x: Step | readonly Atom[]): x is Step => 'primitive' in x

/** Goes through the steps in order; what a result was replaced by is what later steps read. */
const rewriting = (program: Program, rewrite: Rewrite): Program => {
  const replaced = new Map<number, Atom>()
  const read = (atom: Atom): Atom => (isTensor(atom) ? atom : (replaced.get(atom.id) ?? atom))
  const steps: Step[] = []
  for (const step of program.steps) {
    const args = step.args.map(read)
    const after = rewrite(args.every((arg, i) => arg === step.args[i]) ? step : { ...step, args })
    if (isStep(after)) steps.push(after)
    else step.outs.forEach(({ id }, i) => void replaced.set(id, after[i] as Atom))
  }
  return { inputs: program.inputs, steps, outputs: program.outputs.map(read) }
}

/** More entries than this are not computed ahead unless they were there before. */
const manyEntries = 256

const folded: Rewrite = (step) => {
  const { primitive, params, args, outs } = step
  if (!args.every(isTensor)) return step
  const given = args.reduce((total, { data }) => total + data.length, manyEntries)
  if (outs.reduce((total, { shape }) => total + sizeOf(shape), 0) > given) return step
  try {
    return primitive.impl(args, params as never, outs)
  } catch {
    return step // a mistake in the numbers is told when the program runs
  }
}

export const isDense = ({ shape, start, strides }: Layout): boolean => {
  if (start !== 0) return false
  const dense = denseLayout(shape)
  return shape.every((length, axis) => length <= 1 || strides[axis] === dense.strides[axis])
}

/** The argument that an entrywise step only hands on: `x · 1`, `x − 0`, `where(true, x, y)`, `stopGradient(x)`. */
const handedOn = (step: Step): Atom | undefined => {
  const lowering = step.primitive.lower?.(step.params as never, step.args)
  const out = step.outs[0] as Variable
  const first = step.args[0] as Atom
  if (lowering?.kind === 'views' && step.outs.length === 1) {
    const layout = lowering.of(denseLayout(first.shape))[0]
    return layout && sameShape(first.shape, out.shape) && isDense(layout) ? first : undefined
  }
  if (lowering?.kind === 'placed') {
    const at = lowering.at[0]
    return step.args.length === 1 && at && sameShape(at.shape, out.shape) && isDense(at) ? first : undefined
  }
  if (lowering?.kind !== 'entries') return undefined
  const on = expressions()
  const entries = step.args.map((arg, i) => {
    const value = isTensor(arg) ? uniformValue(arg) : undefined
    return value === undefined ? on.local(String(i), arg.dtype) : on.constant(value)
  })
  const result = on.round(out.dtype, lowering.formula(on, ...(entries as [never, never, never])))
  const argument = result.kind === 'local' ? step.args[Number(result.name)] : undefined
  return argument && argument.dtype === out.dtype && sameShape(argument.shape, out.shape) ? argument : undefined
}

const withoutIdentities: Rewrite = (step) => {
  const argument = handedOn(step)
  return argument === undefined ? step : [argument]
}

const withoutRepeats = (): Rewrite => {
  const keyOf = keying()
  const seen = new Map<string, readonly Variable[]>()
  return (step) => {
    const args = step.args.map((arg) => (isTensor(arg) ? tensorKey(arg, keyOf) : `%${arg.id}`))
    const key = `${keyOf(step.primitive.impl)} ${keyOf(step.params)} ${args.join(' ')}`
    const known = seen.get(key)
    if (known === undefined) seen.set(key, step.outs)
    return known ?? step
  }
}

/** In the order in which they run, again and again until nothing changes. */
export const passes: readonly Pass[] = [
  { name: 'constants folded', run: (program) => rewriting(program, folded) },
  { name: 'what is only handed on', run: (program) => rewriting(program, withoutIdentities) },
  { name: 'common subexpressions', run: (program) => rewriting(program, withoutRepeats()) },
  { name: 'dead steps', run: withoutDeadSteps },
]

/** A program after each pass that made it smaller. */
export interface Stage {
  readonly name: string
  readonly program: Program
}

/** The program as it was, and after each pass that removed something, or moved it to where it is computed once. */
export const simplified = (program: Program): readonly Stage[] => {
  const stages: Stage[] = [{ name: 'recorded', program }]
  let last = program
  for (let changed = true; changed; ) {
    changed = false
    for (const { name, run } of passes) {
      const next = run(last)
      if (next.steps.length === last.steps.length) continue
      stages.push({ name, program: next })
      last = next
      changed = true
    }
  }
  const keeping = withKeptResults(last)
  return keeping === last ? stages : [...stages, { name: 'results of loops kept', program: keeping }]
}
