import { isTensor, type TensorType } from '@secant/linalg'
import type { Atom, Program, Step, Variable } from './record.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** a … z, then aa, ab, …, in the order in which names appear. */
const nameOf = (index: number): string =>
  (index >= 26 ? nameOf(Math.floor(index / 26) - 1) : '') + (letters[index % 26] as string)

const short = { float64: 'f64', float32: 'f32', int32: 'i32', bool: 'bool' } as const

const showType = ({ dtype, shape }: TensorType): string => `${short[dtype]}[${shape.join(',')}]`

const isProgram = (x: unknown): x is Program =>
  typeof x === 'object' && x !== null && 'inputs' in x && 'steps' in x && 'outputs' in x

/** The programs among the parameters of a step, by name. */
const programsIn = (params: unknown): readonly (readonly [name: string, program: Program])[] =>
  Object.entries(params ?? {}).flatMap(([key, value]) =>
    Array.isArray(value)
      ? value.filter(isProgram).map((program, i) => [`${key}[${i}]`, program] as const)
      : isProgram(value)
        ? [[key, value] as const]
        : [],
  )

const isPrograms = (x: unknown): boolean => isProgram(x) || (Array.isArray(x) && x.length > 0 && x.every(isProgram))

const showParams = (params: unknown): string => {
  const plain = Object.entries(params ?? {}).filter(([, value]) => !isPrograms(value))
  return plain.length === 0 ? '' : `[${plain.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')}]`
}

const indented = (text: string): string => text.replaceAll('\n', '\n    ')

/**
 * A program as straight-line text, one step a line; the programs that a step runs stand indented beneath it.
 *
 * @example
 * show(record((x: Value) => mul(x, x))(scalar(0)).program) // => '(a: f64[]) =>\n  b: f64[] = mul a a\n  return b'
 */
export const show = (program: Program): string => {
  const names = new Map<number, string>()
  const named = ({ id }: Variable): string => {
    const name = names.get(id) ?? nameOf(names.size)
    names.set(id, name)
    return name
  }
  const showAtom = (atom: Atom): string =>
    !isTensor(atom) ? named(atom) : atom.shape.length === 0 ? String(atom.data[0]) : `<${showType(atom)}>`
  const declare = (v: Variable): string => `${named(v)}: ${showType(v)}`
  const showStep = ({ primitive, params, args, outs }: Step): string => {
    const operands = args.map(showAtom)
    const line = `  ${outs.map(declare).join(', ')} = ${[primitive.name + showParams(params), ...operands].join(' ')}`
    return [line, ...programsIn(params).map(([name, inner]) => `    ${name}: ${indented(show(inner))}`)].join('\n')
  }
  const head = `(${program.inputs.map(declare).join(', ')}) =>`
  const lines = program.steps.map(showStep)
  return [head, ...lines, `  return ${program.outputs.map(showAtom).join(', ')}`].join('\n')
}
