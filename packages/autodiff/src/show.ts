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

/** The programs that a parameter holds, by name: one or a list. */
const programsIn = ([key, value]: readonly [string, unknown]): readonly (readonly [string, Program])[] => {
  if (isProgram(value)) return [[key, value]]
  return Array.isArray(value) && value.every(isProgram) ? value.map((program, i) => [`${key}[${i}]`, program]) : []
}

const showParams = (params: unknown): string => {
  const plain = Object.entries(params ?? {}).filter((entry) => programsIn(entry).length === 0)
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
    const inner = Object.entries(params ?? {}).flatMap(programsIn)
    return [line, ...inner.map(([name, body]) => `    ${name}: ${indented(show(body))}`)].join('\n')
  }
  const head = `(${program.inputs.map(declare).join(', ')}) =>`
  const lines = program.steps.map(showStep)
  return [head, ...lines, `  return ${program.outputs.map(showAtom).join(', ')}`].join('\n')
}
