import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { checked, commandsOf, examplesOf, execute, missingFrom, programsOf, signaturesOf } from './documentation.ts'
import { edges } from './layers.ts'
import { entriesOf, filesUnder, packages, read, root, rootManifest } from './workspace.ts'

const pages = [
  ...['README.md'].filter((path) => existsSync(join(root, path))).map((path) => ({ path, text: read(path) })),
  ...filesUnder('docs', ['.md']),
  ...filesUnder('packages', ['README.md']),
]

type Layer = keyof typeof edges
const layers = Object.keys(edges) as readonly Layer[]

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  return () => vi.restoreAllMocks()
})

/** Imports of all that a package and those below it export; the nearest package wins. */
const scopeOf = async (name: Layer): Promise<string> => {
  const visible = [name, ...[...edges[name]].reverse()].flatMap((other) => packages.filter((pkg) => pkg.name === other))
  const taken = new Set<string>()
  const imports: string[] = []
  for (const [specifier] of visible.flatMap(entriesOf)) {
    const names = Object.keys(await import(/* @vite-ignore */ specifier)).filter((key) => !taken.has(key))
    for (const key of names) taken.add(key)
    imports.push(`import { ${names.join(', ')} } from '${specifier}'`)
  }
  return imports.join(';')
}

const programs = pages.flatMap(({ path, text }) =>
  programsOf(text).map((program, i) => [`${path}, program ${i + 1}`, program] as const),
)

test.each(programs)('%s', async (name, program) => {
  await execute(name, program)
})

test('pages name commands that exist', () => {
  const bins = packages.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}))
  const isMissing = missingFrom(Object.keys(rootManifest.scripts ?? {}), bins)
  expect(pages.flatMap(({ text }) => commandsOf(text).filter(isMissing))).toEqual([])
})

const examples = layers.flatMap((name) =>
  filesUnder(`packages/${name}/src`, ['.ts']).flatMap((file) =>
    examplesOf(file).map(({ line, text }) => [`${file.path}:${line}`, text, name] as const),
  ),
)

test.each(examples)('%s', async (where, text, name) => {
  expect(checked(text).endsInPromise, 'the last line is: expression // => value').toBe(true)
  await execute(where, text, await scopeOf(name))
})

const exampleFiles = filesUnder('examples', ['.ts']).filter(({ path }) => path.split('/').length === 2)

test.each(exampleFiles.map(({ path, text }) => [path, text] as const))('%s', async (path, text) => {
  expect(Object.keys(await execute(path, text)), 'exports of an example').toEqual([])
})

afterAll(() => {
  const count = pages.reduce((sum, { text }) => sum + signaturesOf(text), 0)
  if (count > 0) console.info(`documentation: ${count} fences only show signatures (no-run)`)
})

describe('what documentation is held to', () => {
  const kept = [
    '1 + 1 // => 2',
    'const x = 3\nx * x // => 9',
    '2 / 3 // => 0.67',
    '-2 / 3e8 // => -6.7e-9',
    '1e200 / 3 // => 3e199',
    '[1 / 3, { a: -1 / 3 }] // => [0.333, { a: -0.33 }]',
    'Math.sqrt(2) // => Math.SQRT2',
    'Number.NaN // => NaN',
    "'a·b' // => 'a·b'",
    'console.log(7) // => 7',
    "const text = '·' // a comment\ntext.length\n// => 1",
    "import * as E from 'fp-ts/lib/Either.js'\nE.right(1 / 3) // => E.right(1 / 3)",
    'const f = (n: number): number => n + 1\nawait Promise.resolve(f(1)) // => 2',
    "import { showShape } from '@secant/linalg'\nshowShape([2, 3]) // => '[2, 3]'",
  ]
  test.each(kept)('a kept promise passes: %s', async (program) => {
    await execute(`kept ${kept.indexOf(program)}`, program)
  })

  const wrong = [
    '1 + 1 // => 3',
    '2 / 3 // => 0.66',
    '2 / 3 // => 1',
    '1.0001 // => 1',
    'const a = 1\n[a] // => [1]',
    '[1, 2] // => [1, 3]',
    '({ a: 1, b: 2 }) // => { a: 1 }',
    'Float64Array.of(1) // => Float32Array.of(1)',
    "'1' // => 1",
    'const f = () => {\n  1 // => 2\n}\nf()',
    'console.log(7) // => 8',
    "throw new Error('no')",
    'nowhere // => 1',
    'const x = 1 // => 1',
    '// => 1',
    '1 // => one two',
    'const x = ',
  ]
  test.each(wrong)('a broken one fails: %s', async (program) => {
    await expect(execute(`wrong ${wrong.indexOf(program)}`, program)).rejects.toThrow()
  })

  test('an example sees its package, may hide its names, and must end in a promise', async () => {
    const scope = await scopeOf('linalg')
    await execute('scope', "const sizeOf = 'mine'\nsizeOf + showShape([2]) // => 'mine[2]'", scope)
    await expect(execute('no scope', 'showShape([2]) // => 1')).rejects.toThrow()
    expect(checked('1 // => 1\nconst x = 2').endsInPromise).toBe(false)
    expect(checked('const x = 2\nx // => 2').endsInPromise).toBe(true)
  })

  test('docstrings', () => {
    const text = [
      'const a = 1',
      '/**',
      ' * Two.',
      ' *',
      ' * @example',
      ' * const b = a',
      ' * b // => 1',
      ' * @see three',
      ' */',
    ].join('\n')
    expect(examplesOf({ path: 'a.ts', text })).toEqual([{ line: 5, text: 'const b = a\nb // => 1' }])
    expect(examplesOf({ path: 'a.ts', text: text.replace('/**', '/*') })).toEqual([])
  })

  test('fences', () => {
    const page = [
      '- a list',
      '  ```ts',
      '  one',
      '  ```',
      '```ts',
      'two',
      '```',
      '```ts',
      '// continues',
      'three',
      '```',
    ].join('\n')
    expect(programsOf(page)).toEqual(['one', 'two\n// continues\nthree'])
    expect(programsOf('```js\nfour\n```\n```ts no-run\nfive\n```')).toEqual([])
    expect(signaturesOf('```js\nfour\n```\n```ts no-run\nfive\n```')).toBe(1)
    expect(() => programsOf('```ts\n// continues\n```')).toThrow('continues nothing')
  })

  test('commands', () => {
    const page =
      '```bash\ngit clone x && cd x; npm start; npm test\n# why\nnpm run gone -- 1\n```\n```sh\nnpx --no secant\nnpx --no other\n```'
    const missing = commandsOf(page).filter(missingFrom(['start', 'test'], ['secant']))
    expect(missing).toEqual(['npm run gone -- 1', 'npx --no other'])
  })
})
