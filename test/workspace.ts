import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the checkout. */
export const root: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** A text file; its path is relative to the checkout and written with `/`. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** What this project reads of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly sideEffects?: boolean | readonly string[]
  readonly exports?: Readonly<Record<string, { readonly types: string; readonly default: string }>>
  readonly bin?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface Package {
  /** Name of its folder, such as `linalg`. */
  readonly name: string
  readonly manifest: Manifest
  /** Folders (names, not paths) that its tsconfig.json refers to. */
  readonly references: readonly string[]
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const readJson = <A>(path: string): A => JSON.parse(read(path)) as A

interface TsConfig {
  readonly references: readonly { readonly path: string }[]
}

/** Folder names that a tsconfig.json refers to. */
export const referencesOf = (path: string): readonly string[] =>
  readJson<TsConfig>(path).references.map((reference) => reference.path.split('/').at(-1) as string)

export const rootManifest: Manifest = readJson('package.json')

/** All packages of the workspace, by folder name. */
export const packages: readonly Package[] = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .sort()
  .map((name) => ({
    name,
    manifest: readJson(`packages/${name}/package.json`),
    references: referencesOf(`packages/${name}/tsconfig.json`),
  }))

/**
 * What a package may be imported as, with the source file behind each:
 * its exports map says `./node` → `./dist/node/index.js`, which is built from `src/node/index.ts`.
 */
export const entriesOf = ({ name, manifest }: Package): readonly (readonly [specifier: string, source: string])[] =>
  Object.entries(manifest.exports ?? {}).map(([entry, target]) => [
    `${manifest.name}${entry.slice(1)}`,
    `packages/${name}/${target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')}`,
  ])

const skipped = new Set(['node_modules', 'dist', '.generated'])

/** All files below a folder whose name ends in one of the given ways; none when there is no such folder. */
export const filesUnder = (folder: string, endings: readonly string[]): readonly SourceFile[] => {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesUnder(path, endings)
      return endings.some((ending) => entry.name.endsWith(ending)) ? [{ path, text: read(path) }] : []
    })
}
