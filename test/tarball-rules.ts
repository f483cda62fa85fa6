import { posix } from 'node:path'
import type { Manifest } from './workspace.ts'

/** A package as it is published: files by path, the binary ones without their text. */
export interface Tarball {
  readonly manifest: Manifest
  readonly files: ReadonlyMap<string, string>
}

/** What a package of this workspace is held to. */
export interface Expected {
  /** The package.json of the workspace. */
  readonly workspace: Manifest
  readonly license: string
  /** Folders of the machine that built it. */
  readonly folders: readonly string[]
}

/** Finds what breaks it: one sentence each. */
export type TarballRule = (tarball: Tarball, expected: Expected) => readonly string[]

const entries: TarballRule = ({ manifest: { exports = {}, bin = {} }, files }) =>
  [...Object.values(exports).flatMap((target) => [target.types, target.default]), ...Object.values(bin)]
    .filter((path) => !files.has(posix.normalize(path)))
    .map((path) => `package.json: names ${path}, which is not there`)

const known =
  /^(dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts|bin\/.+\.js|(data|weights|results)\/.+|package\.json|README\.md|LICENSE)$/

const content: TarballRule = ({ files }) =>
  [...files.keys()].filter((path) => !known.test(path)).map((path) => `${path}: is of no use to anybody`)

const papers: TarballRule = ({ manifest, files }, { license }) => [
  ...(files.get('LICENSE') === license ? [] : ['LICENSE: is not that of the workspace']),
  ...(files.get('README.md')?.startsWith(`# ${manifest.name}\n`)
    ? []
    : [`README.md: needs the title ${manifest.name}`]),
]

const maps: TarballRule = ({ files }) =>
  [...files].flatMap(([path, text]) => {
    const beside = (other: string): string => posix.join(posix.dirname(path), other)
    if (path.startsWith('dist/') && /\.(js|d\.ts)$/.test(path)) {
      const map = /^\/\/# sourceMappingURL=(\S+)$/m.exec(text)?.[1]
      return map !== undefined && files.has(beside(map)) ? [] : [`${path}: has no map`]
    }
    if (!path.endsWith('.map')) return []
    const { sources } = JSON.parse(text) as { readonly sources: readonly string[] }
    return sources.filter((source) => !files.has(beside(source))).map((source) => `${path}: leads to ${source}`)
  })

const folders: TarballRule = ({ files }, expected) =>
  [...files].flatMap(([path, text]) =>
    expected.folders.filter((folder) => text.includes(folder)).map((folder) => `${path}: mentions ${folder}`),
  )

const scripts: TarballRule = ({ manifest }) =>
  Object.keys(manifest.scripts ?? {}).map((name) => `package.json: has a script ${name}`)

const facts: TarballRule = ({ manifest }, { workspace }) => [
  ...(manifest.private === true ? ['package.json: is private'] : []),
  ...(['version', 'license', 'type', 'engines'] as const)
    .filter((field) => JSON.stringify(manifest[field]) !== JSON.stringify(workspace[field]))
    .map((field) => `package.json: has another ${field} than the workspace`),
  ...Object.entries(manifest.dependencies ?? {})
    .filter(([name, range]) => name.startsWith('@secant/') && range !== workspace.version)
    .map(([name, range]) => `package.json: needs ${name} ${range}, not ${workspace.version}`),
]

// Two copies of fp-ts work, but their types need not agree: a library takes that of its user.
const fpTs: TarballRule = ({ manifest: { bin, dependencies = {}, peerDependencies = {} } }) => {
  if (bin !== undefined) return []
  return 'fp-ts' in dependencies || !('fp-ts' in peerDependencies) ? ['package.json: needs fp-ts as a peer'] : []
}

export const tarballRules = {
  'what package.json names is there': entries,
  'nothing is there by accident': content,
  'licence and README are there': papers,
  'maps lead to the sources': maps,
  'no machine is mentioned': folders,
  'installing it runs nothing': scripts,
  'it agrees with the workspace': facts,
  'it shares the fp-ts of its user': fpTs,
} satisfies Readonly<Record<string, TarballRule>>
