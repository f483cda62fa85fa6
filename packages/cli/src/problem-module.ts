import { basename } from 'node:path'
import type { Operand, Value } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import { type Criterion, type Method, type Objective, objectiveOf } from '@secant/optim'
import type { TraceHeader } from '@secant/verify'
import { checkedObjective, isGivenGradient } from './checked-objective.ts'
import { describe, isPlainObject } from './describe.ts'
import { messageOf, misunderstood } from './failure.ts'
import { decodeStart, numbersIn } from './start-tree.ts'
import { vectorFunction } from './vector-function.ts'

/** What the default export of a user's module may hold; help and documentation show this table. */
export const moduleFields = {
  objective: 'operations of @secant/autodiff that end in a scalar, or fromGradient(…)',
  x0: 'numbers, typed arrays, tensors, nested at will; or a function of the seed',
  name: 'what to call the problem; without it, the name of the file',
  method: 'a method instead of L-BFGS, such as descend(bfgs(), strongWolfe())',
  until: 'criteria of success, such as [gradientNorm(1e-9)]',
  constants: 'known numbers for traces and plots: L, mu, minimum',
} as const

type Field = keyof typeof moduleFields

/** The table as lines of help. */
export const moduleFieldHelp: string = Object.entries(moduleFields)
  .map(([field, meaning]) => `  ${field.padEnd(9)}  ${meaning}`)
  .join('\n')

/** A user's problem as an objective on vectors. */
export interface ProblemModule {
  readonly name: string
  readonly objective: Objective
  /** The objective of a vector in operations that can be followed further; undefined where its gradient is given. */
  readonly ofVector: ((x: Value) => Operand) | undefined
  /** See `measureFirst`. */
  readonly isFollowed: () => boolean
  readonly start: Tensor
  /** The start as it was nested. */
  readonly x0: unknown
  /** Parameters nested as the start was, in numbers and arrays. */
  readonly toNumbers: (x: Tensor) => unknown
  readonly method: Method<unknown> | undefined
  readonly until: readonly Criterion[] | undefined
  readonly constants: TraceHeader['constants']
}

const isName = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const isMethod = (value: unknown): value is Method<unknown> =>
  isPlainObject(value) &&
  typeof value['name'] === 'string' &&
  ['init', 'at', 'step'].every((part) => typeof value[part] === 'function')

const isCriterion = (value: unknown): value is Criterion =>
  isPlainObject(value) &&
  typeof value['name'] === 'string' &&
  typeof value['bound'] === 'number' &&
  typeof value['measure'] === 'function'

const isCriteria = (value: unknown): value is readonly Criterion[] =>
  Array.isArray(value) && value.length > 0 && value.every(isCriterion)

const isConstants = (value: unknown): value is NonNullable<TraceHeader['constants']> =>
  isPlainObject(value) &&
  Object.entries(value).every(([key, number]) => ['L', 'mu', 'minimum'].includes(key) && Number.isFinite(number))

const optional = <A>(field: Field, value: unknown, is: (value: unknown) => value is A): A | undefined => {
  if (value === undefined || is(value)) return value
  throw misunderstood(`${field}: got ${describe(value)}; needs ${moduleFields[field]}`)
}

const fieldsOf = (exported: unknown): Readonly<Partial<Record<Field, unknown>>> => {
  const what = 'the default export'
  if (!isPlainObject(exported)) throw misunderstood(`${what}: got ${describe(exported)}; needs { objective, x0 }`)
  const unknown = Object.keys(exported).find((key) => !Object.hasOwn(moduleFields, key))
  if (unknown !== undefined)
    throw misunderstood(`${what}: got a field ${unknown}; needs fields among ${Object.keys(moduleFields).join(', ')}`)
  for (const key of ['objective', 'x0'])
    if (exported[key] === undefined) throw misunderstood(`${what}: got no ${key}; needs { objective, x0 }`)
  return exported
}

const startFrom = (x0: unknown, seed: number | undefined): unknown => {
  if (typeof x0 !== 'function') {
    if (seed === undefined) return x0
    throw misunderstood(`--seed: got ${seed} for an x0 that is fixed; needs one that is a function of the seed`)
  }
  try {
    return x0(seed ?? 0)
  } catch (thrown) {
    throw misunderstood(`x0: fails for seed ${seed ?? 0}: ${messageOf(thrown)}`, thrown)
  }
}

/** Decodes the default export of the module at `path`. Fails (throws) with one sentence. */
export const decodeProblem = (path: string, exported: unknown, seed: number | undefined): ProblemModule => {
  const fields = fieldsOf(exported)
  const { objective: checked, isFollowed } = checkedObjective(fields.objective)
  const x0 = decodeStart(startFrom(fields.x0, seed))
  const { objective, start, toTree } = objectiveOf(checked, x0)
  if (isGivenGradient(fields.objective) && start.dtype !== 'float64')
    throw misunderstood(`x0: got ${start.dtype} for an objective by fromGradient; needs float64`)
  return {
    name: optional('name', fields.name, isName) ?? basename(path).replace(/\.\w+$/, ''),
    objective,
    ofVector: typeof checked === 'function' ? vectorFunction(checked, x0) : undefined,
    isFollowed,
    start,
    x0,
    toNumbers: (x) => numbersIn(toTree(x)),
    method: optional('method', fields.method, isMethod),
    until: optional('until', fields.until, isCriteria),
    constants: optional('constants', fields.constants, isConstants),
  }
}
