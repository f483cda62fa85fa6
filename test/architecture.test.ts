import { describe, expect, test } from 'vitest'
import { cycleIn, importsOf, rules, type Workspace } from './architecture-rules.ts'
import { edges } from './layers.ts'
import { filesUnder, type Manifest, packages, read, referencesOf, rootManifest } from './workspace.ts'

const code = ['packages', 'test', 'examples'].flatMap((folder) => filesUnder(folder, ['.ts']))

const workspace: Workspace = {
  files: [...code, ...filesUnder('packages', ['package.json', '.md']), ...filesUnder('scripts', ['.mjs'])],
  imports: code.flatMap(importsOf),
  packages,
  manifest: rootManifest,
  edges,
  references: referencesOf('tsconfig.json'),
  lock: JSON.parse(read('package-lock.json')).packages,
}

describe('the workspace', () => {
  test.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule(workspace)).toEqual([])
  })
})

// A workspace of two packages, `low` and `high`, that keeps every rule; each case below breaks one.
interface Sketch {
  readonly files?: Readonly<Record<string, string>>
  readonly high?: Partial<Manifest>
  readonly highReferences?: readonly string[]
  readonly low?: Partial<Manifest>
  readonly references?: readonly string[]
  readonly edges?: Workspace['edges']
  readonly lock?: Workspace['lock']
}

const exported = (...names: readonly string[]): NonNullable<Manifest['exports']> =>
  Object.fromEntries(names.map((name) => [name, { types: '', default: `./dist${name.slice(1)}/index.js` }]))

const sketchLock: Workspace['lock'] = {
  '': { devDependencies: { c: '1', a: '1' } },
  'packages/low': { peerDependencies: { 'fp-ts': '2' } },
  'packages/high': { dependencies: { '@secant/low': '1' } },
  'node_modules/a': { optionalDependencies: { b: '1' } },
  'node_modules/b': {},
}

const sketch = (change: Sketch = {}): Workspace => {
  const files = Object.entries({
    'packages/low/src/index.ts': `export { one } from './one.ts'`,
    'packages/low/src/one.ts': `import type { Option } from 'fp-ts/lib/Option.js'\nexport const one: Option<number> = []`,
    'packages/low/src/node/index.ts': `import { readFileSync } from 'node:fs'\nexport const two = readFileSync`,
    'packages/low/src/testing/index.ts': `import { one } from '../one.ts'\nexport const three = one`,
    'packages/low/test/one.test.ts': `import { one } from '../src/one.ts'\nimport { three } from '@secant/low/testing'`,
    'packages/high/src/index.ts': `export * from '@secant/low'`,
    ...change.files,
  }).map(([path, text]) => ({ path, text }))
  return {
    files,
    imports: files.flatMap(importsOf),
    packages: [
      {
        name: 'low',
        manifest: {
          name: '@secant/low',
          exports: exported('.', './node', './testing'),
          peerDependencies: { 'fp-ts': '2' },
          ...change.low,
        },
        references: [],
      },
      {
        name: 'high',
        manifest: {
          name: '@secant/high',
          exports: exported('.'),
          dependencies: { '@secant/low': '1' },
          ...change.high,
        },
        references: change.highReferences ?? ['low'],
      },
    ],
    edges: change.edges ?? { low: [], high: ['low'] },
    references: change.references ?? ['low', 'high'],
    manifest: { name: 'sketch', devDependencies: { a: '1', c: '1' } },
    lock: { ...sketchLock, ...change.lock },
  }
}

const inLow = (text: string): Sketch => ({ files: { 'packages/low/src/two.ts': text } })
const inHigh = (text: string): Sketch => ({ files: { 'packages/high/src/two.ts': text } })

const broken: Readonly<Record<keyof typeof rules, readonly Sketch[]>> = {
  'packages import one way': [
    inLow(`import { one } from '@secant/high'`),
    inLow(`import type { One } from '@secant/high'`),
    inLow(`type One = import('@secant/high').One`),
    inLow(`export const one = import('@secant/high')`),
    inLow(`export { one } from '@secant/low'`),
    { edges: { low: [] } },
    { edges: { low: [], high: ['low'], gone: [] } },
  ],
  'files of a package form no cycle': [
    { files: { 'packages/low/src/one.ts': `import type { Two } from './index.ts'` } },
    inLow(`export * from './two.ts'`),
  ],
  'packages form no cycle': [
    inLow(`import { one } from '@secant/high'`),
    { low: { dependencies: { '@secant/high': '1' } } },
  ],
  'packages are entered where they say': [
    inHigh(`import { one } from '@secant/low/one'`),
    inHigh(`import { one } from '@secant/nowhere'`),
    inHigh(`import { one } from '../../low/src/one.ts'`),
    inHigh(`import { one } from '../test/one.ts'`),
    inLow(`import { one } from './one.js'`),
    { files: { 'packages/high/test/one.test.ts': `import { one } from '../../low/src/one.ts'` } },
    { files: { 'test/one.test.ts': `import { one } from '../packages/low/src/one.ts'` } },
  ],
  'tools for tests serve tests': [
    inHigh(`import { three } from '@secant/low/testing'`),
    inLow(`import { three } from './testing/index.ts'`),
  ],
  'optional peers serve tests or wait until they are needed': [
    {
      ...inLow(`import fc from 'fast-check'`),
      low: { peerDependenciesMeta: { 'fast-check': { optional: true } } },
    },
  ],
  'the platform stays in node folders and the cli': [
    inLow(`import { readFileSync } from 'node:fs'`),
    inLow(`import { readFileSync } from 'fs'`),
    inLow(`import { two } from './node/index.ts'`),
    inHigh(`import { two } from '@secant/low/node'`),
    inLow(`export const load = (name: string) => import(name)`),
  ],
  'fp-ts is imported by file': [inLow(`import { either } from 'fp-ts'`), inLow(`import * as E from 'fp-ts/Either'`)],
  'every import brings a name': [
    inLow(`import './one.ts'`),
    inLow(`import {} from './one.ts'`),
    inLow(`import { type One } from './one.ts'`),
    inLow(`export {} from './one.ts'`),
  ],
  'package.json declares what is imported': [
    inLow(`import { vega } from 'vega'`),
    inLow(`import { thing } from '@scope/thing/deep'`),
    { high: { dependencies: { '@secant/low': '1', vega: '1' } } },
  ],
  'tsconfig references are the dependencies': [{ highReferences: [] }, { references: ['low'] }],
  'nothing reads outside the checkout': [inLow(`const data = '${['..', 'shared'].join('/')}/data'`)],
  'the lock serves every platform and registry': [
    { lock: { 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } } },
    { lock: { 'node_modules/a': { optionalDependencies: { 'a-windows': '1' } } } },
  ],
  'the lock agrees with every package.json': [
    { lock: { '': { devDependencies: { a: '1', c: '2' } } } },
    { lock: { 'packages/low': {} } },
    { high: { dependencies: {} } },
  ],
}

describe('the rules', () => {
  test.each(Object.entries(rules))('%s: holds where it is kept', (_, rule) => {
    expect(rule(sketch())).toEqual([])
  })

  test.each(
    Object.entries(broken).flatMap(([name, cases]) =>
      cases.map((change) => [name as keyof typeof rules, change] as const),
    ),
  )('%s: fails for %j', (name, change) => {
    expect(rules[name](sketch(change))).not.toEqual([])
  })

  test('a cycle is shown as a way round', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['c']],
      ['c', ['d', 'b']],
      ['d', []],
    ])
    expect(cycleIn(graph)).toEqual(['b → c → b'])
    expect(cycleIn(new Map([...graph, ['c', ['d']]]))).toEqual([])
  })
})
