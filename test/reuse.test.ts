import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from './bundle.ts'
import { checkTypes, compile, install, namesInNode, outputOf, publish, scriptsBehind, tarballOf } from './reuse.ts'
import { type Expected, type Tarball, tarballRules } from './tarball-rules.ts'
import { entriesOf, filesUnder, type Manifest, type Package, packages, read, root, rootManifest } from './workspace.ts'

// Outside of the checkout, where no node_modules lies further up.
const place = mkdtempSync(join(realpathSync(tmpdir()), 'secant-'))
const shelf = join(place, 'shelf')
const lock = JSON.parse(read('package-lock.json')).packages
const expected: Expected = { workspace: rootManifest, license: read('LICENSE'), folders: [root, place] }
const isLibrary = ({ manifest }: Package): boolean => manifest.bin === undefined
const homeOf = (name: string): string => join(place, 'homes', name)

beforeAll(() => {
  publish(shelf)
  for (const pkg of packages) {
    mkdirSync(homeOf(pkg.name), { recursive: true })
    install(pkg, shelf, homeOf(pkg.name))
  }
})
afterAll(() => rmSync(place, { recursive: true }))

describe.each(packages)('$manifest.name alone', (pkg) => {
  const home = homeOf(pkg.name)

  test.each(Object.entries(tarballRules))('%s', (_, rule) => {
    expect(rule(tarballOf(pkg, home), expected)).toEqual([])
  })

  test('nothing that it needs is compiled on installing', () => {
    expect(scriptsBehind(pkg, lock)).toEqual([])
  })

  test.each(['nodenext', 'bundler'] as const)('has types for %s', (resolution) => {
    checkTypes(pkg, home, resolution)
  })

  test.each(entriesOf(pkg))('%s runs in Node', async (specifier) => {
    const names = new Set(Object.keys(await import(/* @vite-ignore */ specifier)))
    expect(new Set(namesInNode(specifier, home, 'import'))).toEqual(names)
    expect(new Set(namesInNode(specifier, home, 'require'))).toEqual(names)
  })

  test.each(Object.entries(pkg.manifest.bin ?? {}))('%s runs', (name, path) => {
    expect(outputOf(home, process.execPath, join('node_modules', pkg.manifest.name, path), '--help')).toContain(name)
  })
})

describe.each(packages.filter(isLibrary))('$manifest.name in a browser', (pkg) => {
  const { name } = pkg.manifest
  test('needs nothing of Node', async () => {
    expect(await bundle(homeOf(pkg.name), `export * from '${name}'`)).not.toBe('')
  })

  test('costs nothing as long as nothing of it is used', async () => {
    expect(await bundle(homeOf(pkg.name), `import * as all from '${name}'`)).toBe('')
  })
})

describe('a GPU', () => {
  const home = homeOf('linalg')

  test('is not loaded by what does not ask for one', async () => {
    for (const name of ['linalg', 'autodiff', 'optim'])
      expect(await bundle(homeOf(name), `export * from '@secant/${name}'`)).not.toContain('gpu.js')
  })

  test('needs a package that does not come along, and the answer says so', () => {
    const program = `import { gpu } from '@secant/linalg/gpu'
      const opened = await gpu({ mode: 'webasm' })()
      console.log(opened.left.kind, opened.left.why)`
    const said = outputOf(home, process.execPath, '--input-type=module', '--eval', program)
    expect(said).toMatch(/^unavailable gpu\.js, an optional package, cannot be loaded/)
  })
})

test('the examples need nothing but the packages', () => {
  const home = homeOf('cli')
  const examples = filesUnder('examples', ['.ts'])
    .filter(({ path }) => path.split('/').length === 2)
    .map(({ path }) => basename(path, '.ts'))
  for (const name of examples) copyFileSync(join(root, 'examples', `${name}.ts`), join(home, `${name}.ts`))
  compile(home, 'nodenext')
  for (const name of examples) outputOf(home, process.execPath, `${name}.js`)
})

describe('one import does not bring the rest', () => {
  interface Single {
    readonly of: string
    readonly name: string
    /** What minified code that has no business there is known by: its messages, and names that stay. */
    readonly without: readonly string[]
    /** As a part of the whole package with what it needs, fp-ts aside. */
    readonly atMost: number
  }
  const product = 'matmul: got'
  const singles: readonly Single[] = [
    { of: 'linalg', name: 'tensor', without: [product, 'not positive definite', 'transpose: got'], atMost: 0.1 },
    { of: 'linalg', name: 'matmul', without: ['not positive definite', 'rank deficient'], atMost: 0.25 },
    { of: 'autodiff', name: 'add', without: [product, 'linearize: got', 'Math.log1p'], atMost: 0.5 },
    { of: 'autodiff', name: 'grad', without: [product, 'slice: got', 'Math.log1p'], atMost: 0.4 },
    { of: 'optim', name: 'adam', without: [product, 'BFGS', 'strongWolfe: got', 'fp-ts'], atMost: 0.5 },
    { of: 'optim', name: 'lbfgs', without: ['AdamW(', 'strongWolfe: got', 'fp-ts'], atMost: 0.65 },
    { of: 'problems', name: 'rosenbrock', without: [product, 'logisticRegression: got', 'oneHot: got'], atMost: 0.75 },
  ]

  test.each(singles)('$name of @secant/$of', async ({ of, name, without, atMost }) => {
    const load = (what: string) => bundle(homeOf(of), `export ${what} from '@secant/${of}'`, [/^fp-ts\//])
    const [code, whole] = await Promise.all([load(`{ ${name} }`), load('*')])
    expect(without.filter((marker) => code.includes(marker))).toEqual([])
    // The marks are found where nothing is left out.
    expect(without.filter((marker) => !whole.includes(marker))).toEqual([])
    expect(code.length / whole.length).toBeLessThan(atMost)
  })
})

// A package that keeps every rule; each case below breaks one.
const map = JSON.stringify({ sources: ['../src/index.ts'] })
const sketch: Tarball = {
  manifest: {
    name: '@secant/low',
    version: '1.0.0',
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    dependencies: { '@secant/lower': '1.0.0' },
    peerDependencies: { 'fp-ts': '^2.0.0' },
  },
  files: new Map([
    ['package.json', ''],
    ['README.md', '# @secant/low\n'],
    ['LICENSE', 'as you like it'],
    ['src/index.ts', ''],
    ['dist/index.js', '//# sourceMappingURL=index.js.map'],
    ['dist/index.js.map', map],
    ['dist/index.d.ts', '//# sourceMappingURL=index.d.ts.map'],
    ['dist/index.d.ts.map', map],
  ]),
}

type Change = Readonly<Record<string, string | undefined>>

/** The sketch with other files, or without some. */
const withFiles = (change: Change): Tarball => ({
  ...sketch,
  files: new Map(
    Object.entries({ ...Object.fromEntries(sketch.files), ...change }).flatMap(([path, text]) =>
      text === undefined ? [] : [[path, text] as const],
    ),
  ),
})
const withManifest = (change: Partial<Manifest>): Tarball => ({
  ...sketch,
  manifest: { ...sketch.manifest, ...change },
})

const broken: Readonly<Record<keyof typeof tarballRules, readonly Tarball[]>> = {
  'what package.json names is there': [
    withFiles({ 'dist/index.d.ts': undefined }),
    withManifest({ bin: { low: 'bin/low.js' } }),
  ],
  'nothing is there by accident': [
    withFiles({ 'dist/.tsbuildinfo': '{}' }),
    withFiles({ 'test/index.test.ts': 'test' }),
  ],
  'licence and README are there': [
    withFiles({ LICENSE: undefined }),
    withFiles({ LICENSE: 'all rights reserved' }),
    withFiles({ 'README.md': '# @secant/high\n' }),
  ],
  'maps lead to the sources': [
    withFiles({ 'dist/index.js.map': undefined }),
    withFiles({ 'dist/index.js': 'export {}' }),
    withFiles({ 'src/index.ts': undefined }),
  ],
  'no machine is mentioned': [withFiles({ 'dist/index.js': '// built in /home/me/low' })],
  'installing it runs nothing': [withManifest({ scripts: { postinstall: 'make' } })],
  'it agrees with the workspace': [
    withManifest({ private: true }),
    withManifest({ engines: { node: '>=18' } }),
    withManifest({ dependencies: { '@secant/lower': '^1.0.0' } }),
  ],
  'it shares the fp-ts of its user': [
    withManifest({ peerDependencies: {} }),
    withManifest({ dependencies: { 'fp-ts': '^2.0.0' } }),
  ],
}

describe('the rules', () => {
  const workspace = { ...sketch.manifest, name: 'sketch', private: true }
  const mine: Expected = { workspace, license: 'as you like it', folders: ['/home/me'] }

  test.each(Object.entries(tarballRules))('%s: holds where it is kept', (_, rule) => {
    expect(rule(sketch, mine)).toEqual([])
  })

  test.each(
    Object.entries(broken).flatMap(([rule, cases]) =>
      cases.map((tarball, i) => [rule as keyof typeof tarballRules, i + 1, tarball] as const),
    ),
  )('%s: fails in case %i', (rule, _, tarball) => {
    expect(tarballRules[rule](tarball, mine)).not.toEqual([])
  })

  test('a package sees what it declares and no more', () => {
    expect(() => namesInNode('@secant/optim', homeOf('autodiff'), 'import')).toThrow('ERR_MODULE_NOT_FOUND')
    expect(() => namesInNode('commander', homeOf('optim'), 'import')).toThrow('ERR_MODULE_NOT_FOUND')
  })

  test('what only Node has is refused', async () => {
    await expect(bundle(homeOf('problems'), `export * from '@secant/problems/node'`)).rejects.toThrow('node:fs')
  })

  test('a script of a third party is found at any depth', () => {
    const pkg: Package = { name: 'low', manifest: { name: '@secant/low', dependencies: { a: '1' } }, references: [] }
    const depths = { 'node_modules/a': { dependencies: { b: '1' } }, 'node_modules/b': { dependencies: { c: '1' } } }
    expect(scriptsBehind(pkg, { ...depths, 'node_modules/c': { hasInstallScript: true } })).toEqual(['c'])
    expect(scriptsBehind(pkg, depths)).toEqual([])
  })
})
