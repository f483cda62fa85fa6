import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { marked, type Tokens } from 'marked'
import { type ESTree, parseSync, Visitor } from 'vite'
import { expect } from 'vitest'
import { root, type SourceFile } from './workspace.ts'

// ---- Where programs stand: fences of a page, docstrings of a source file

interface Fence {
  readonly language: string
  readonly marks: readonly string[]
  readonly text: string
}

const fencesOf = (markdown: string): readonly Fence[] => {
  const fences: Fence[] = []
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type !== 'code') return
    const { lang = '', text } = token as Tokens.Code
    const [language = '', ...marks] = lang.split(/\s+/)
    fences.push({ language, marks, text })
  })
  return fences
}

const isSignature = ({ language, marks }: Fence): boolean => language === 'ts' && marks.includes('no-run')

/** How many fences of a page only show signatures. */
export const signaturesOf = (markdown: string): number => fencesOf(markdown).filter(isSignature).length

/** The programs of a page; a fence that starts with `// continues` belongs to the one before. */
export const programsOf = (markdown: string): readonly string[] => {
  const programs: string[] = []
  for (const fence of fencesOf(markdown)) {
    if (fence.language !== 'ts' || isSignature(fence)) continue
    if (!fence.text.startsWith('// continues')) programs.push(fence.text)
    else if (programs.length > 0) programs.push(`${programs.pop()}\n${fence.text}`)
    else throw new Error('documentation: got a fence that continues nothing; needs a fence before it')
  }
  return programs
}

/** The commands of a page's shell fences, one by one. */
export const commandsOf = (markdown: string): readonly string[] =>
  fencesOf(markdown)
    .filter(({ language }) => language === 'bash' || language === 'sh')
    .flatMap(({ text }) => text.split(/\n|;|&&/))
    .map((command) => command.trim())
    .filter((command) => command !== '' && !command.startsWith('#'))

/** What a command runs that this workspace does not have: a script, or a program of one of its packages. */
export const missingFrom =
  (scripts: readonly string[], programs: readonly string[]) =>
  (command: string): boolean => {
    const [tool = '', ...words] = command.split(/\s+/)
    if (tool === 'npm' && words[0] === 'run') return !scripts.includes(words[1] ?? '')
    if (tool === 'npm' && (words[0] === 'start' || words[0] === 'test')) return !scripts.includes(words[0])
    return tool === 'npx' && words[0] === '--no' && !programs.includes(words[1] ?? '')
  }

export interface Example {
  /** Line of the docstring's `@example`, from 1. */
  readonly line: number
  readonly text: string
}

/** The `@example` blocks of a source file's docstrings. */
export const examplesOf = ({ path, text }: SourceFile): readonly Example[] =>
  parseSync(path, text)
    .comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
    .flatMap(({ start, value }) => {
      const first = text.slice(0, start).split('\n').length
      const lines = value.split('\n').map((line) => line.replace(/^\s*\* ?/, ''))
      return lines.flatMap((line, i) => {
        if (!line.startsWith('@example')) return []
        const rest = lines.slice(i + 1)
        const end = rest.findIndex((other) => other.startsWith('@'))
        return { line: first + i, text: (end < 0 ? rest : rest.slice(0, end)).join('\n').trim() }
      })
    })

// ---- What a program promises: `expression // => value`

/** A number as it is written: 3 is exact, 3.00 and 3e5 are what rounding to their digits gives. */
const matches = (text: string, actual: unknown): boolean => {
  if (typeof actual !== 'number') return false
  const [mantissa = '', exponent] = text.toLowerCase().split('e')
  const decimals = mantissa.split('.')[1]?.length
  if (exponent !== undefined) return Number(actual.toExponential(decimals ?? 0)) === Number(text)
  return Number(decimals === undefined ? actual : actual.toFixed(decimals)) === Number(text)
}

/** Stands for a written number inside an expected value. */
export const written = (text: string): unknown => ({
  $$typeof: Symbol.for('jest.asymmetricMatcher'),
  asymmetricMatch: (actual: unknown) => matches(text, actual),
  toAsymmetricMatcher: () => text,
})

export const check = (actual: unknown, expected: unknown, promise: string): void => {
  expect(actual, promise).toEqual(expected)
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

const edit = (source: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), source)

/** The numbers of an expected value that are written out, rather than computed. */
const numbersOf = (node: ESTree.Node | null): readonly (ESTree.Node & { readonly start: number })[] => {
  switch (node?.type) {
    case 'Literal':
      return typeof node.value === 'number' ? [node] : []
    case 'UnaryExpression':
      return numbersOf(node.argument).length > 0 ? [node] : []
    case 'ParenthesizedExpression':
      return numbersOf(node.expression)
    case 'ArrayExpression':
      return node.elements.flatMap(numbersOf)
    case 'ObjectExpression':
      return node.properties.flatMap((property) => (property.type === 'Property' ? numbersOf(property.value) : []))
    default:
      return []
  }
}

const expectedFrom = (text: string): string => {
  const source = `(${text})`
  const { program, errors } = parseSync('value.ts', source)
  const [statement] = program.body
  if (errors.length > 0 || statement?.type !== 'ExpressionStatement')
    throw new Error(`documentation: got // => ${text}; needs an expression`)
  return edit(
    source,
    numbersOf(statement.expression).map(({ start, end }) => ({
      start,
      end,
      text: `__written(${JSON.stringify(source.slice(start, end).replaceAll(/[\s_]/g, ''))})`,
    })),
  )
}

/** What a statement promises a value of: its expression, or what it prints, in `console.log(x) // => value`. */
const subjectOf = (expression: ESTree.Expression, source: string): string => {
  const textOf = ({ start, end }: ESTree.Node): string => source.slice(start, end)
  if (expression.type !== 'CallExpression' || textOf(expression.callee) !== 'console.log') return textOf(expression)
  return expression.arguments.map(textOf).join(', ')
}

interface Checked {
  /** The program, with a check in the place of each promise. */
  readonly code: string
  readonly imports: string
  /** Whether its last statement promises a value. */
  readonly endsInPromise: boolean
}

/** Puts checks into a program. Fails (throws) on what does not parse and on a promise that no expression makes. */
export const checked = (source: string): Checked => {
  const { program, comments, errors } = parseSync('program.ts', source)
  if (errors[0]) throw new Error(`documentation: ${errors[0].message}\n${source}`)
  const statements: ESTree.ExpressionStatement[] = []
  new Visitor({ ExpressionStatement: (node) => void statements.push(node) }).visit(program)
  const promises = comments
    .filter(({ type, value }) => type === 'Line' && value.trim().startsWith('=>'))
    .map(({ start, value }) => {
      const statement = statements.find(({ end }) => end <= start && source.slice(end, start).trim() === '')
      if (statement === undefined)
        throw new Error(
          `documentation: got //${value}; needs an expression before it (a line that starts with [ or ( continues the one above)`,
        )
      const expected = value.trim().slice(2).trim()
      const subject = subjectOf(statement.expression, source)
      const promise = JSON.stringify(`${subject} // => ${expected}`)
      return {
        start: statement.start,
        end: statement.end,
        text: `__check((${subject}), ${expectedFrom(expected)}, ${promise});`,
      }
    })
  const imports = program.body.filter(({ type }) => type === 'ImportDeclaration')
  const last = program.body.at(-1)
  // Line breaks stay, so that a failure points at the right line.
  const blanks = imports.map(({ start, end }) => ({
    start,
    end,
    text: source.slice(start, end).replaceAll(/[^\n]/g, ''),
  }))
  return {
    code: edit(source, [...promises, ...blanks]),
    imports: imports.map(({ start, end }) => source.slice(start, end).replaceAll('\n', ' ')).join(';'),
    endsInPromise: promises.some(({ start }) => start === last?.start),
  }
}

// ---- Running it

const generated = join(root, 'test', '.generated')

/**
 * Runs a program with its promises checked and returns what it exports. `scope` is imports in front of it,
 * which its own declarations may hide. Fails (rejects) with what it throws, and on a promise that is not kept.
 */
export const execute = async (name: string, source: string, scope = ''): Promise<Readonly<Record<string, unknown>>> => {
  const { code, imports } = checked(source)
  const checks = `import { check as __check, written as __written } from ${JSON.stringify(join(root, 'test', 'documentation.ts'))}`
  const body = scope === '' ? code : `{${code}\n}`
  const path = join(generated, `${name.replaceAll(/[^\w.-]+/g, '-')}.ts`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${[checks, scope, imports].filter(Boolean).join(';')};${body}\n`)
  return await import(/* @vite-ignore */ path)
}
