/** The kernel of a loop: its indices, one statement or more for each instruction, and the fold around them. */
import { maximum, minimum } from '../elementwise.ts'
import type { Access, Fused, Guard, Instruction } from '../operation.ts'
import type { Arithmetic } from './arithmetic.ts'
import { scratch } from './exponential.ts'
import { divide, type Kernel, type Launch, whole } from './kernel.ts'

const literal = (n: number): string => (Number.isInteger(n) ? `${n}.0` : String(n))

/** `start + Σ stride · index`, without what is 0. */
const affine = (start: number, terms: readonly (readonly [stride: number, index: string])[]): string => {
  const parts = terms
    .filter(([stride]) => stride !== 0)
    .map(
      ([stride, index]) =>
        `${stride < 0 ? '-' : '+'} ${Math.abs(stride) === 1 ? '' : `${literal(Math.abs(stride))} * `}${index}`,
    )
  if (parts.length === 0) return literal(start)
  const sum = parts.join(' ')
  return start === 0 && sum.startsWith('+') ? sum.slice(2) : `${literal(start)} ${sum}`
}

/** Indices of axes that are counted through together, the last one fastest. */
const indices = (names: readonly string[], lengths: readonly number[], flat: string): string => {
  if (names.length <= 1) return names.map((name) => `${name} = ${flat};`).join('')
  const steps = names
    .slice(1)
    .map((name, k) => `${divide('quotient', name, 'line', literal(lengths[k + 1] as number))} line = quotient;`)
  return `line = ${flat}; ${steps.toReversed().join(' ')} ${names[0]} = line;`
}

/** An entry's row and column as expressions of the indices. */
interface Split {
  readonly row: string
  readonly column: string
}

/** Row and column of an access, where each axis moves along one of them and no counting through is needed. */
const splitOf = (
  { start, strides, spaced, guarded }: Access,
  { rows, columns }: Fused['given'][number],
  lengths: readonly number[],
  names: readonly string[],
): Split | undefined => {
  if (guarded || spaced.length > 0) return undefined
  const isRow = (stride: number): boolean => stride % columns === 0
  const along = strides.map((stride, axis) => ({
    stride,
    index: names[axis] as string,
    reach: (lengths[axis] as number) - 1,
  }))
  const [down, across] = [along.filter(({ stride }) => isRow(stride)), along.filter(({ stride }) => !isRow(stride))]
  const first = start % columns
  const reach = (sign: number): number =>
    across.reduce((sum, { stride, reach: far }) => sum + (Math.sign(stride) === sign ? stride * far : 0), first)
  if (reach(-1) < 0 || reach(1) >= columns) return undefined
  return {
    row:
      rows === 1
        ? '0'
        : affine(
            Math.floor(start / columns),
            down.map(({ stride, index }) => [stride / columns, index]),
          ),
    column:
      columns === 1
        ? '0'
        : affine(
            first,
            across.map(({ stride, index }) => [stride, index]),
          ),
  }
}

const isName = (text: string): boolean => /^([xy]|0)$/.test(text)

/** Sets `to` to the entry that an access points at. */
const load = (
  a: Arithmetic,
  to: string,
  access: Access,
  fused: Fused,
  lengths: readonly number[],
  names: readonly string[],
): string => {
  const { argument, start, strides, spaced, guarded } = access
  const given = fused.given[argument] as Fused['given'][number]
  const matrix = `m${argument}`
  const split = splitOf(access, given, lengths, names)
  if (split !== undefined) {
    const placed = (variable: string, text: string): readonly [string, string] => {
      const plain = { at_x: 'x', at_y: 'y', '0.0': '0' }[text] ?? text
      return isName(plain) ? ['', plain] : [`${variable} = ${text};`, variable]
    }
    const [setRow, row] = placed('row', split.row)
    const [setColumn, column] = placed('column', split.column)
    return `${setRow} ${setColumn} ${a.load(to, matrix, row, column)}`
  }
  const steps = spaced.map(
    ({ axis, from, step }, k) =>
      `line = ${affine(-from, [[1, names[axis] as string]])}; ${divide(`spaced${k}`, 'rest', 'line', literal(step))}`,
  )
  const index = (axis: number): string => {
    const k = spaced.findIndex((guard) => guard.axis === axis)
    return k < 0 ? (names[axis] as string) : `spaced${k}`
  }
  const place = affine(
    start,
    strides.map((stride, axis) => [stride, index(axis)]),
  )
  const { rows, columns } = given
  const inside = guarded ? `at = Math.max(0.0, Math.min(at, ${literal(rows * columns - 1)}));` : ''
  const found =
    columns === 1
      ? a.load(to, matrix, 'at', '0')
      : rows === 1
        ? a.load(to, matrix, '0', 'at')
        : `${divide('row', 'column', 'at', literal(columns))} ${a.load(to, matrix, 'row', 'column')}`
  return `${steps.join(' ')} at = ${place}; ${inside} ${found}`
}

const within = (a: Arithmetic, to: string, guards: readonly Guard[], names: readonly string[]): string => {
  const tests = guards.map(({ axis, from, count, step }) => {
    const name = names[axis] as string
    if (step === 1)
      return `if (${name} < ${literal(from)} || ${name} >= ${literal(from + count)}) { ${a.constant(to, 0)} }`
    return `line = ${affine(-from, [[1, name]])}; ${divide('quotient', 'rest', 'line', literal(step))}
      if (line < 0.0 || rest > 0.0 || quotient >= ${literal(count)}) { ${a.constant(to, 0)} }`
  })
  return `${a.constant(to, 1)} ${tests.join(' ')}`
}

/** Which values differ between the places that are folded. */
const varying = ({ code, inner, outer }: Fused): readonly boolean[] => {
  const first = outer.length + 1
  const known: boolean[] = []
  for (const item of code) {
    if (item.kind === 'apply') known.push(item.args.some((arg) => known[arg]))
    else if (item.kind === 'constant') known.push(false)
    else if (item.kind === 'within') known.push(item.guards.some(({ axis }) => axis >= first))
    else {
      const { strides, spaced } = item.access
      known.push(
        strides.some((stride, axis) => axis >= first && stride !== 0) || spaced.some(({ axis }) => axis >= first),
      )
    }
  }
  return known.map((varies) => varies && inner.length > 0)
}

export const fusedLaunch = (fused: Fused): Launch => {
  const { name, outer, columns, inner, fold, chunk, code, given } = fused
  const lengths = [...outer, columns, ...inner]
  const outerNames = outer.length === 1 ? ['at_y'] : outer.map((_, k) => `outer${k}`)
  const innerNames = inner.map((_, k) => `inner${k}`)
  const names = [...outerNames, 'at_x', ...innerNames]
  const values = code.map((_, k) => `v${k}`)
  const total = inner.reduce((product, length) => product * length, 1)
  const varies = varying(fused)
  const spacings = Math.max(0, ...code.map((item) => (item.kind === 'read' ? item.access.spaced.length : 0)))
  const result = values.at(-1) as string

  const statement = (a: Arithmetic, item: Instruction, to: string): string => {
    switch (item.kind) {
      case 'read':
        return load(a, to, item.access, fused, lengths, names)
      case 'within':
        return within(a, to, item.guards, names)
      case 'constant':
        return a.constant(to, item.value)
      case 'apply': {
        const [p, q = p, s = p] = item.args.map((arg) => values[arg]) as [string, string?, string?]
        return item.f.kernel(a, to, p, q, s)
      }
    }
  }
  const statements = (a: Arithmetic, inLoop: boolean): string =>
    code.map((item, k) => (varies[k] === inLoop ? statement(a, item, values[k] as string) : '')).join('\n')
  const joined = (a: Arithmetic): string => {
    if (fold === 'sum') return a.add('r', 'r', result)
    const best = (fold === 'max' ? maximum : minimum).kernel(a, 'next', 'r', result, result)
    return `if (l == 0) { ${a.copy('r', result)} } else { ${best} ${a.copy('r', 'next')} }`
  }
  const folding = (a: Arithmetic): string => {
    const start =
      chunk === undefined
        ? ''
        : `from = at_x * ${literal(chunk)}; if (count > ${literal(total)} - from) { count = ${literal(total)} - from; }`
    return `let count = ${literal(chunk ?? total)}; let from = 0.0; ${start}
      for (let l = 0; l < count; l++) {
        flat = l; flat = flat + from; ${indices(innerNames, inner, 'flat')}
        ${statements(a, true)} ${joined(a)}
      }`
  }
  const indexNames = [
    'line',
    'quotient',
    'rest',
    'row',
    'column',
    'at',
    'flat',
    'at_x',
    'at_y',
    ...outerNames,
    ...innerNames,
  ]
  const spacedNames = Array.from({ length: spacings }, (_, k) => `spaced${k}`)
  const body = (a: Arithmetic): string => {
    const text = `
      ${outer.length > 1 ? indices(outerNames, outer, 'y') : ''}
      ${statements(a, false)}
      ${inner.length === 0 ? a.copy('r', result) : folding(a)}`
    const isUsed = (each: string): boolean => new RegExp(`\\b${each}\\b`).test(text)
    return `
      ${whole(...new Set([...indexNames, ...spacedNames].filter(isUsed)))}
      ${code.some((item) => item.kind === 'apply' && item.f.scratch) ? scratch(a) : ''}
      ${a.declare(...(isUsed('next') ? ['next'] : []), ...values)}
      ${isUsed('at_x') ? 'at_x = x;' : ''} ${isUsed('at_y') ? 'at_y = y;' : ''}
      ${text}`
  }
  const kernel: Kernel = { name, matrices: given.map((_, k) => `m${k}`), scalars: [], body }
  return { kernel, scalars: [], rows: outer.reduce((product, length) => product * length, 1), columns }
}
