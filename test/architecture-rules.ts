import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { parseSync, Visitor } from 'vite'
import { entriesOf, type Manifest, type Package, type SourceFile } from './workspace.ts'

/** Something that a file takes from another: import, export from, `import(…)` as a value or as a type. */
export interface Import {
  readonly from: string
  /** What stands between the quotes; undefined where it is computed. */
  readonly specifier: string | undefined
  /** Whether a name, or a type, comes in: a bare `import './x.ts'` only runs the file. */
  readonly binds: boolean
  /** Whether it happens when the program gets there, and not when the file is loaded: `import(…)`. */
  readonly isDeferred: boolean
}

/** What npm notes of one package in package-lock.json. */
export interface LockEntry extends Omit<Manifest, 'name'> {
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Workspace {
  readonly files: readonly SourceFile[]
  readonly imports: readonly Import[]
  readonly packages: readonly Package[]
  /** The package.json of the workspace itself. */
  readonly manifest: Manifest
  /** Which packages each package may import. */
  readonly edges: Readonly<Record<string, readonly string[]>>
  /** What the root tsconfig.json builds. */
  readonly references: readonly string[]
  readonly lock: Readonly<Record<string, LockEntry>>
}

/** Finds what breaks it: one sentence each. */
export type Rule = (workspace: Workspace) => readonly string[]

export const importsOf = ({ path, text }: SourceFile): readonly Import[] => {
  const { program, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const found: Import[] = []
  const take = (
    source: { readonly type: string; readonly value?: unknown } | null,
    binds: boolean,
    isDeferred = false,
  ): void => {
    if (source === null) return
    found.push({
      from: path,
      specifier: typeof source.value === 'string' ? source.value : undefined,
      binds,
      isDeferred,
    })
  }
  new Visitor({
    ImportDeclaration: ({ source, specifiers, importKind }) => {
      const named = specifiers.some((item) => item.type !== 'ImportSpecifier' || item.importKind !== 'type')
      take(source, importKind === 'type' || named)
    },
    ExportNamedDeclaration: ({ source, specifiers }) => take(source, specifiers.length > 0),
    ExportAllDeclaration: ({ source }) => take(source, true),
    ImportExpression: ({ source }) => take(source, true, true),
    TSImportType: ({ source }) => take(source, true),
  }).visit(program)
  return found
}

/** A way round in a graph, if there is one: `a → b → a`. */
export const cycleIn = (graph: ReadonlyMap<string, readonly string[]>): readonly string[] => {
  const left = new Set(graph.keys())
  const nextOf = (node: string): string | undefined => graph.get(node)?.find((next) => left.has(next))
  // Whatever leads nowhere is on no cycle; then whatever led only there.
  for (let before = Number.POSITIVE_INFINITY; left.size < before; ) {
    before = left.size
    for (const node of left) if (nextOf(node) === undefined) left.delete(node)
  }
  const path: string[] = []
  for (let node = [...left][0]; node !== undefined; node = nextOf(node)) {
    if (path.includes(node)) return [[...path.slice(path.indexOf(node)), node].join(' → ')]
    path.push(node)
  }
  return []
}

const graphOf = (pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> =>
  new Map(pairs.map(([from]) => [from, pairs.filter(([other]) => other === from).map(([, to]) => to)]))

const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1]
const inSource = (path: string): boolean => /^packages\/[^/]+\/src\//.test(path)
const inFolder = (path: string, folder: string): boolean => new RegExp(`^packages/[^/]+/src/${folder}/`).test(path)

/** The package of this workspace that a specifier names. */
const secantPackage = (specifier: string | undefined): string | undefined =>
  /^@secant\/([^/]+)/.exec(specifier ?? '')?.[1]

/** The file that a relative specifier names. */
const fileOf = ({ from, specifier }: Import): string | undefined =>
  specifier?.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined

const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))

const sourceImports = (workspace: Workspace): readonly Import[] =>
  workspace.imports.filter(({ from }) => inSource(from))

const show = ({ from, specifier }: Import): string => `${from}: imports ${specifier ?? 'a computed name'}`

const dependencyNames = ({ manifest }: Package): readonly string[] => Object.keys(manifest.dependencies ?? {})

const layers: Rule = (workspace) => {
  const { edges, packages } = workspace
  const names = packages.map(({ name }) => name)
  return [
    ...names.filter((name) => !(name in edges)).map((name) => `packages/${name}: is missing from the table of edges`),
    ...Object.keys(edges)
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: is in the table of edges, but is no package`),
    ...sourceImports(workspace).flatMap((item) => {
      const target = secantPackage(item.specifier)
      const allowed = edges[packageOf(item.from) ?? ''] ?? []
      return target === undefined || allowed.includes(target) ? [] : [`${show(item)}; may import ${list(allowed)}`]
    }),
  ]
}

const fileCycles: Rule = (workspace) =>
  cycleIn(
    graphOf(
      sourceImports(workspace).flatMap((item) => {
        const file = fileOf(item)
        return file === undefined ? [] : [[item.from, file] as const]
      }),
    ),
  )

const packageCycles: Rule = (workspace) =>
  cycleIn(
    graphOf([
      ...sourceImports(workspace).flatMap(({ from, specifier }) => {
        const target = secantPackage(specifier)
        return target === undefined ? [] : [[packageOf(from) as string, target] as const]
      }),
      ...workspace.packages.flatMap((pkg) =>
        dependencyNames(pkg).map((name) => [pkg.name, secantPackage(name) ?? name] as const),
      ),
    ]),
  )

const entries: Rule = ({ imports, packages }) => {
  const declared = new Set(packages.flatMap(entriesOf).map(([specifier]) => specifier))
  return imports.flatMap((item) => {
    const file = fileOf(item)
    if (file === undefined) {
      const known = secantPackage(item.specifier) === undefined || declared.has(item.specifier ?? '')
      return known ? [] : [`${show(item)}, which no package exports`]
    }
    if (file.endsWith('.js')) return [`${show(item)}; needs the ending .ts`]
    const home = packageOf(item.from)
    if (packageOf(file) !== undefined && packageOf(file) !== home) return [`${show(item)}; needs the package's name`]
    return inSource(item.from) && !file.startsWith(`packages/${home}/src/`)
      ? [`${show(item)}, outside its sources`]
      : []
  })
}

const testing: Rule = ({ imports }) =>
  imports
    .filter((item) => {
      const isTool = /^@secant\/[^/]+\/testing$/.test(item.specifier ?? '') || inFolder(fileOf(item) ?? '', 'testing')
      return isTool && inSource(item.from) && !inFolder(item.from, 'testing')
    })
    .map((item) => `${show(item)}, which only tests may do`)

// Whoever installs the package does not get these: entries for tests may ask for them, others when they are needed.
const optionalPeers: Rule = (workspace) =>
  sourceImports(workspace)
    .filter(({ from, specifier, isDeferred }) => {
      const home = workspace.packages.find(({ name }) => name === packageOf(from))
      const isOptional = home?.manifest.peerDependenciesMeta?.[specifier ?? '']?.optional === true
      return isOptional && !isDeferred && !inFolder(from, 'testing')
    })
    .map((item) => `${show(item)}, which only testing/ may do before it is needed, since it is optional`)

const platform: Rule = (workspace) =>
  sourceImports(workspace)
    .filter((item) => {
      if (packageOf(item.from) === 'cli' || inFolder(item.from, 'node')) return false
      if (item.specifier === undefined || isBuiltin(item.specifier)) return true
      return /^@secant\/[^/]+\/node$/.test(item.specifier) || inFolder(fileOf(item) ?? '', 'node')
    })
    .map((item) => `${show(item)}, which only a node/ folder and the cli may do`)

const fpTs: Rule = ({ imports }) =>
  imports
    .filter(({ specifier }) => /^fp-ts(\/|$)/.test(specifier ?? '') && !/^fp-ts\/lib\/\w+\.js$/.test(specifier ?? ''))
    .map((item) => `${show(item)}; needs fp-ts/lib/X.js`)

const bindings: Rule = ({ imports }) =>
  imports.filter(({ binds }) => !binds).map((item) => `${show(item)} without a name (types alone: import type)`)

const dependencies: Rule = (workspace) =>
  workspace.packages.flatMap((pkg) => {
    const used = new Set(
      sourceImports(workspace)
        .filter(({ from }) => packageOf(from) === pkg.name)
        .flatMap(({ specifier }) => /^(@[^/]+\/)?[^./][^/]*/.exec(specifier ?? '')?.[0] ?? [])
        .filter((name) => !isBuiltin(name)),
    )
    const declared = [...dependencyNames(pkg), ...Object.keys(pkg.manifest.peerDependencies ?? {})]
    return [
      ...[...used]
        .filter((name) => !declared.includes(name))
        .map((name) => `packages/${pkg.name}: does not declare ${name}`),
      ...dependencyNames(pkg)
        .filter((name) => !used.has(name))
        .map((name) => `packages/${pkg.name}: declares ${name} without importing it`),
    ]
  })

const references: Rule = ({ packages, references: root }) => {
  const compare = (where: string, found: readonly string[], needed: readonly string[]): readonly string[] => {
    const [a, b] = [list([...found].sort()), list([...needed].sort())]
    return a === b ? [] : [`${where}: refers to ${a}; needs ${b}`]
  }
  return [
    ...compare(
      'tsconfig.json',
      root,
      packages.map(({ name }) => name),
    ),
    ...packages.flatMap((pkg) =>
      compare(
        `packages/${pkg.name}/tsconfig.json`,
        pkg.references,
        dependencyNames(pkg).flatMap((name) => secantPackage(name) ?? []),
      ),
    ),
  ]
}

const outside = ['..', 'shared'].join('/')

const checkout: Rule = ({ files }) =>
  files.filter(({ text }) => text.includes(outside)).map(({ path }) => `${path}: mentions ${outside}`)

// npm leaves out optional packages that its registry does not serve; `npm ci` then refuses the lock elsewhere.
const lock: Rule = ({ lock: entriesByPath }) =>
  Object.entries(entriesByPath).flatMap(([path, { resolved = '', optionalDependencies = {} }]) => [
    ...(resolved.includes('://') ? [`${path}: is locked to ${resolved}`] : []),
    ...Object.keys(optionalDependencies)
      .filter((name) => !Object.keys(entriesByPath).some((other) => other.endsWith(`node_modules/${name}`)))
      .map((name) => `${path}: needs ${name}, which is not in the lock`),
  ])

// `npm ci` refuses a lock that is behind; a checkout that is already installed does not notice.
const lockAge: Rule = ({ packages, manifest, lock: entriesByPath }) => {
  const show = (names: Readonly<Record<string, string>> = {}): string =>
    list(
      Object.entries(names)
        .sort()
        .map((pair) => pair.join('@')),
    )
  const manifests = [['', manifest] as const, ...packages.map((pkg) => [`packages/${pkg.name}`, pkg.manifest] as const)]
  return manifests.flatMap(([path, declared]) =>
    (['dependencies', 'devDependencies', 'peerDependencies'] as const)
      .filter((field) => show(declared[field]) !== show(entriesByPath[path]?.[field]))
      .map((field) => `package-lock.json: has other ${field} than ${path || 'package.json'}; needs npm install`),
  )
}

export const rules = {
  'packages import one way': layers,
  'files of a package form no cycle': fileCycles,
  'packages form no cycle': packageCycles,
  'packages are entered where they say': entries,
  'tools for tests serve tests': testing,
  'optional peers serve tests or wait until they are needed': optionalPeers,
  'the platform stays in node folders and the cli': platform,
  'fp-ts is imported by file': fpTs,
  'every import brings a name': bindings,
  'package.json declares what is imported': dependencies,
  'tsconfig references are the dependencies': references,
  'nothing reads outside the checkout': checkout,
  'the lock serves every platform and registry': lock,
  'the lock agrees with every package.json': lockAge,
} satisfies Readonly<Record<string, Rule>>
