/** The trace format, JSON lines; `docs/trace.md` specifies it. */
import * as E from 'fp-ts/lib/Either.js'
import { jsonText } from './json.ts'

/** The first line of a trace. */
export interface TraceHeader {
  readonly method: string
  readonly n: number
  readonly options: Readonly<Record<string, unknown>>
  readonly constants?: { readonly L?: number; readonly mu?: number; readonly minimum?: number }
}

/** One iterate; `d`, `alpha` and `p` tell of the step that starts here, where one does and they are known. */
export interface TraceIterate {
  readonly k: number
  readonly x: readonly number[]
  readonly f: number
  readonly g: readonly number[]
  readonly evaluations: number
  readonly seconds: number
  readonly d?: readonly number[]
  readonly alpha?: number
  readonly p?: readonly number[]
}

export interface Trace {
  readonly header: TraceHeader
  readonly iterates: readonly TraceIterate[]
}

/** What is wrong with a trace, and in which line (counted from 1). */
export interface TraceError {
  readonly kind: 'bad trace'
  readonly line: number
  readonly message: string
}

const version = 1

const encode = (line: unknown): string => `${jsonText(line)}\n`

export const encodeHeader = (header: TraceHeader): string => encode({ 'secant-trace': version, ...header })

export const encodeIterate = (iterate: TraceIterate): string => encode(iterate)

const numberFrom = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0

interface Fields {
  readonly [name: string]: unknown
  readonly d?: unknown
  readonly alpha?: unknown
  readonly p?: unknown
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parseLine = (text: string, line: number): E.Either<TraceError, Fields> => {
  const bad = (message: string): E.Either<TraceError, never> => E.left({ kind: 'bad trace', line, message })
  try {
    const parsed: unknown = JSON.parse(text)
    return isFields(parsed) ? E.right(parsed) : bad('needs a JSON object')
  } catch {
    return bad('needs a JSON object')
  }
}

const decodeHeader = (fields: Fields): E.Either<TraceError, TraceHeader> => {
  const bad = (message: string): E.Either<TraceError, never> => E.left({ kind: 'bad trace', line: 1, message })
  const { method, n, options, constants } = fields
  if (fields['secant-trace'] !== version) return bad(`"secant-trace" needs to be ${version}`)
  if (typeof method !== 'string') return bad('"method" needs a string')
  if (!isCount(n)) return bad('"n" needs a whole number')
  if (!isFields(options)) return bad('"options" needs an object')
  if (constants === undefined) return E.right({ method, n, options })
  if (!isFields(constants)) return bad('"constants" needs an object')
  const known: { L?: number; mu?: number; minimum?: number } = {}
  for (const name of ['L', 'mu', 'minimum'] as const) {
    if (constants[name] === undefined) continue
    const value = numberFrom(constants[name])
    if (value === undefined) return bad(`"constants.${name}" needs a number`)
    known[name] = value
  }
  return E.right({ method, n, options, constants: known })
}

const decodeIterate = (fields: Fields, n: number, line: number): E.Either<TraceError, TraceIterate> => {
  const problems: string[] = []
  const number = (name: string): number => {
    const value = numberFrom(fields[name])
    if (value === undefined) problems.push(`"${name}" needs a number`)
    return value ?? Number.NaN
  }
  const count = (name: string): number => {
    const value = fields[name]
    if (!isCount(value)) problems.push(`"${name}" needs a whole number`)
    return Number(value)
  }
  const vector = (name: string): readonly number[] => {
    const list = fields[name]
    const values = Array.isArray(list) ? list.map(numberFrom) : []
    if (!Array.isArray(list) || values.length !== n || values.includes(undefined))
      problems.push(`"${name}" needs ${n} numbers`)
    return values as readonly number[]
  }
  const iterate = {
    k: count('k'),
    x: vector('x'),
    f: number('f'),
    g: vector('g'),
    evaluations: count('evaluations'),
    seconds: number('seconds'),
    ...(fields.d === undefined ? {} : { d: vector('d') }),
    ...(fields.alpha === undefined ? {} : { alpha: number('alpha') }),
    ...(fields.p === undefined ? {} : { p: vector('p') }),
  }
  const message = problems[0]
  return message === undefined ? E.right(iterate) : E.left({ kind: 'bad trace', line, message })
}

/** A whole trace from its text; the first line that is wrong is named. */
export const decodeTrace = (text: string): E.Either<TraceError, Trace> => {
  const lines = text.split('\n')
  if (lines[lines.length - 1] === '') lines.pop()
  const header = E.chain(decodeHeader)(parseLine(lines[0] ?? '', 1))
  if (E.isLeft(header)) return header
  const iterates: TraceIterate[] = []
  for (const [i, text] of lines.slice(1).entries()) {
    const line = i + 2
    const iterate = E.chain((fields: Fields) => decodeIterate(fields, header.right.n, line))(parseLine(text, line))
    if (E.isLeft(iterate)) return iterate
    iterates.push(iterate.right)
  }
  return E.right({ header: header.right, iterates })
}
