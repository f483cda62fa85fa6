/** One loop of a program as JavaScript. */
import { denseLayout, type Layout } from '@secant/autodiff'
import type { DType } from '@secant/linalg'
import { type Dimension, manySegments, nestOf, type Range, reachable, segmentsOf, testedRange } from './collapse.ts'
import type { Callable, Expression, Test } from './expression.ts'
import { arrayOf, type Loop, variableOf } from './statement.ts'
import { type Leaves, written } from './text.ts'

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

const block = (head: string, lines: readonly string[]): readonly string[] => [`${head}{`, ...indented(lines), '}']

/** A number text as an entry of a dtype, where no array does the rounding. */
const roundedText = (dtype: DType, text: string): string => {
  if (dtype === 'float32') return `Math.fround(${text})`
  if (dtype === 'int32') return `(${text}) | 0`
  return dtype === 'bool' ? `(${text}) & 255` : text
}

/** An index as a sum of products; nothing for what is 0. */
const sumText = (terms: readonly string[]): string => (terms.length === 0 ? '0' : terms.join(' + '))
const timesText = (index: string, stride: number): readonly string[] =>
  stride === 0 ? [] : [stride === 1 ? index : `${index} * ${stride}`]

/** Writes a loop; `number` makes the names of its invariants its own. */
export const loopText = (
  loop: Loop,
  number: number,
  callable: (f: Callable) => string,
  startOf: (array: string) => readonly string[],
): readonly string[] => {
  const { shape, stores, folds } = loop
  const roots = [...stores, ...folds].map(({ expression }) => expression)
  const { kept, folded } = nestOf(
    shape,
    loop.folded,
    roots,
    stores.map(({ layout }) => layout),
  )
  // Folds over axes of length 1 alone go over one entry each.
  const oneEntry = { first: shape.length, last: shape.length + 1, length: 1 }
  const run = folded[0] ?? (folds.length > 0 ? oneEntry : undefined)
  /** In the order of nesting. */
  const nest = run === undefined ? kept : [...kept, run]
  const inner = nest.at(-1)
  const names = new Map(nest.map((dimension, i) => [dimension, `i${i}`]))
  const nameOf = (dimension: Dimension): string => names.get(dimension) as string

  // What does not change within the innermost loop is computed before it.
  const bases = new Map<string, string>()
  const indexText = (array: string, { start, strides }: Layout, tests: readonly Test[], at: string): string => {
    const term = (dimension: Dimension, name: string): readonly string[] => {
      const test = tests.find(({ axis }) => axis === dimension.first)
      const index = test === undefined ? name : `((${name} - ${test.from}) / ${test.step} | 0)`
      return timesText(index, strides[dimension.last - 1] ?? 0)
    }
    const outer = [...startOf(array), ...nest.slice(0, -1).flatMap((dimension) => term(dimension, nameOf(dimension)))]
    const sum = [...(start === 0 ? [] : [String(start)]), ...outer]
    const base = sum.join(' + ')
    if (outer.length > 0 && !bases.has(base)) bases.set(base, `p${bases.size}`)
    const fixed = outer.length > 0 ? [bases.get(base) as string] : sum
    return sumText([...fixed, ...(inner === undefined ? [] : term(inner, at))])
  }

  const rangeOf = (dimension: Dimension, test: Test): Range => testedRange(shape, dimension, test)
  const testText = (test: Test, dimension: Dimension, name: string): readonly string[] => {
    const { from: first, count, step } = test
    if (step === 1) {
      const range = rangeOf(dimension, test)
      return [
        ...(range.from > 0 ? [`${name} >= ${range.from}`] : []),
        ...(range.to < dimension.length ? [`${name} < ${range.to}`] : []),
      ]
    }
    const last = first + (count - 1) * step
    return [
      ...(first > 0 ? [`${name} >= ${first}`] : []),
      ...(last < dimension.length - 1 ? [`${name} <= ${last}`] : []),
      `(${name} - ${first}) % ${step} === 0`,
    ]
  }
  /** Leaves at one index of the innermost loop, which lies in a part of it. */
  const leavesAt = (at: string, part?: Range): Leaves => ({
    read: ({ array, layout, tests }) => `${array}[${indexText(array, layout, tests, at)}]`,
    within: ({ tests }) => {
      const texts: string[] = []
      for (const test of tests) {
        const dimension = nest.find(({ first }) => first === test.axis) as Dimension
        if (dimension === inner && part !== undefined && test.step === 1) {
          const range = rangeOf(dimension, test)
          if (part.from >= range.to || part.to <= range.from) return false
        } else texts.push(...testText(test, dimension, dimension === inner ? at : nameOf(dimension)))
      }
      return texts.length === 0 ? true : `(${texts.join(' && ')})`
    },
    callable,
  })

  const all = reachable(roots)
  const isWorth = (e: Expression): boolean => e.invariant && (e.cost > 0 || e.kind === 'read')
  const outermost = new Map<number, Expression>()
  for (const e of all)
    if (!e.invariant && 'args' in e) for (const arg of e.args) if (isWorth(arg)) outermost.set(arg.id, arg)
  for (const e of roots) if (isWorth(e)) outermost.set(e.id, e)
  const before = [...outermost.values()]
  const single: Leaves = {
    ...leavesAt('0'),
    read: ({ array, layout }) => `${array}[${[...startOf(array), String(layout.start)].join(' + ')}]`,
  }
  const hoisted = written(before, single, `h${number}_`)
  const named = new Map<number, string>()
  const preamble = [...hoisted.lines]
  before.forEach((e, i) => {
    if (hoisted.lines.some((line) => line.startsWith(`const h${number}_${e.id} `)))
      named.set(e.id, `h${number}_${e.id}`)
    else {
      const name = `h${number}_${e.id}`
      // Masks are written as numbers at the root; their text is one again.
      preamble.push(`const ${name} = ${hoisted.texts[i]}${e.mask ? ' !== 0' : ''}`)
      named.set(e.id, name)
    }
  })

  const body = (at: string, lane: number, part?: Range): readonly string[] => {
    const leaves = leavesAt(at, part)
    const { lines, texts } = written(roots, leaves, 'v', named)
    return [
      ...lines,
      ...stores.map(
        ({ node, layout }, i) => `${arrayOf(node)}[${indexText(arrayOf(node), layout, [], at)}] = ${texts[i]}`,
      ),
      ...folds.map(({ node }, i) => {
        const text = texts[stores.length + i] as string
        const { fold } = node
        if (fold === 'sum' || fold === 'dot') return `${'abcd'[lane]}${i} += ${text}`
        return `a${i} = Math.${fold}(a${i}, ${text})`
      }),
    ]
  }

  const isSum = ({ node }: Loop['folds'][number]): boolean => node.fold === 'sum' || node.fold === 'dot'
  const counted = (name: string, range: Range, lines: readonly string[]): readonly string[] =>
    range.to - range.from === 1
      ? block('', [`const ${name} = ${range.from}`, ...lines])
      : block(`for (let ${name} = ${range.from}; ${name} < ${range.to}; ${name}++) `, lines)

  /** The innermost loop. */
  const innermost = (): readonly string[] => {
    if (inner === undefined) return block('', body('0', 0))
    const name = nameOf(inner)
    const { length } = inner
    if (folds.some(isSum) && inner === run) {
      const whole = length - (length % 4)
      const four = [0, 1, 2, 3].flatMap((lane) => block('', body(lane === 0 ? name : `(${name} + ${lane})`, lane)))
      return [
        ...(whole === 0 ? [] : block(`for (let ${name} = 0; ${name} < ${whole}; ${name} += 4) `, four)),
        ...(whole === length ? [] : counted(name, { from: whole, to: length }, body(name, 0))),
      ]
    }
    const ranges = all.flatMap((e) =>
      e.kind === 'within'
        ? e.tests.filter(({ axis, step }) => step === 1 && axis === inner.first).map((test) => rangeOf(inner, test))
        : [],
    )
    const segments = segmentsOf(length, ranges)
    if (segments.length > manySegments) return counted(name, { from: 0, to: length }, body(name, 0))
    return segments.flatMap((part) => counted(name, part, body(name, 0, part)))
  }

  /** The sums and extremes around the innermost loop, and where they go. */
  const folding = (lines: readonly string[]): readonly string[] => {
    if (folds.length === 0) return lines
    const strides = denseLayout(kept.map(({ length }) => length)).strides
    const place = sumText(kept.flatMap((dimension, i) => timesText(nameOf(dimension), strides[i] as number)))
    const begin = folds.map((item, i) => {
      if (isSum(item)) return `let a${i} = 0, b${i} = 0, c${i} = 0, d${i} = 0`
      return `let a${i} = ${item.node.fold === 'max' ? '-Infinity' : 'Infinity'}`
    })
    const end = folds.map((item, i) => {
      const { node } = item
      const result = isSum(item) ? `a${i} + b${i} + (c${i} + d${i})` : `a${i}`
      return node.shape.every((length) => length === 1)
        ? `${variableOf(node, 0)} = ${roundedText(node.dtype, result)}`
        : `${arrayOf(node)}[${[...startOf(arrayOf(node)), place].join(' + ')}] = ${result}`
    })
    return [...begin, ...lines, ...end]
  }

  const core = innermost()
  const rows = [...bases].map(([text, name]) => `const ${name} = ${text}`)
  const around = nest.slice(0, -1)
  const lines = around.reduceRight<readonly string[]>(
    (inside, dimension) => counted(nameOf(dimension), { from: 0, to: dimension.length }, inside),
    [...rows, ...folding(core)],
  )
  const variables = folds
    .filter(({ node }) => node.shape.every((length) => length === 1))
    .map(({ node }) => variableOf(node, 0))
  return [...(variables.length === 0 ? [] : [`let ${variables.join(', ')}`]), ...preamble, ...block('', lines)]
}
