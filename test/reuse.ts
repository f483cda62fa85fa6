import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { LockEntry } from './architecture-rules.ts'
import type { Tarball } from './tarball-rules.ts'
import { entriesOf, type Package, packages, root } from './workspace.ts'

/** What a program printed. Fails (throws) with that where it fails. */
export const outputOf = (folder: string, ...command: readonly [string, ...(readonly string[])]): string => {
  const [name, ...args] = command
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command.join(' ')}: ${error ?? ''}${stdout}${stderr}`)
  return stdout
}

const node = process.execPath
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

const npm = (folder: string, ...args: readonly string[]): string => {
  const cli = process.env['npm_execpath']
  if (cli?.endsWith('npm-cli.js')) return outputOf(folder, node, cli, ...args)
  return process.platform === 'win32' ? outputOf(folder, 'cmd', '/c', 'npm', ...args) : outputOf(folder, 'npm', ...args)
}

/** Makes a name in a folder's node_modules stand for another folder. */
const link = (folder: string, name: string, target: string): void => {
  const path = join(folder, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path, 'junction')
}

/**
 * Fills an empty folder with what would be published: the sources are built there from nothing, since `dist` folders
 * of a checkout may hold files whose sources are gone, and packed by npm.
 */
export const publish = (shelf: string): void => {
  const left = new Set(['dist', 'node_modules', 'test'])
  for (const name of ['package.json', '.npmrc', 'tsconfig.json', 'tsconfig.base.json'])
    cpSync(join(root, name), join(shelf, name))
  for (const { name, manifest } of packages) {
    for (const entry of readdirSync(join(root, 'packages', name)).filter((entry) => !left.has(entry)))
      cpSync(join(root, 'packages', name, entry), join(shelf, 'packages', name, entry), { recursive: true })
    link(shelf, manifest.name, join(shelf, 'packages', name))
  }
  for (const name of readdirSync(join(root, 'node_modules')).filter((name) => !/^\.|^@secant$/.test(name)))
    link(shelf, name, join(root, 'node_modules', name))
  outputOf(shelf, node, tsc, '-b')
  npm(shelf, 'pack', '--workspaces', '--ignore-scripts', '--offline', '--loglevel=error')
}

/** What npm would install for a package: third parties by name, packages of this workspace with all they need. */
const neededBy = ({ manifest }: Package): readonly (string | Package)[] => {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest
  const required = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  return [...Object.keys(dependencies), ...required].flatMap((name) => {
    const own = packages.find((pkg) => pkg.manifest.name === name)
    return own === undefined ? [name] : [own, ...neededBy(own)]
  })
}

/** What those bring along who use an entry for tests. */
const optionalOf = (pkg: Package): readonly string[] => {
  const { name, peerDependenciesMeta = {} } = pkg.manifest
  return entriesOf(pkg).some(([specifier]) => specifier === `${name}/testing`)
    ? Object.keys(peerDependenciesMeta).filter((peer) => peerDependenciesMeta[peer]?.optional === true)
    : []
}

/** Installs a package from the shelf, with what it declares and nothing else, in an empty folder. */
export const install = (pkg: Package, shelf: string, folder: string): void => {
  for (const needed of new Set([pkg, ...neededBy(pkg), ...optionalOf(pkg)])) {
    if (typeof needed === 'string') link(folder, needed, join(root, 'node_modules', needed))
    else {
      const { name, version } = needed.manifest
      const target = join(folder, 'node_modules', name)
      mkdirSync(target, { recursive: true })
      const tarball = join(shelf, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
      outputOf(folder, 'tar', '-xzf', tarball, '-C', target, '--strip-components=1')
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
}

const isText = (path: string): boolean => !path.endsWith('.gz')

/** The files of an installed package. */
export const tarballOf = ({ manifest }: Package, folder: string): Tarball => {
  const home = join(folder, 'node_modules', manifest.name)
  const paths = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)).split(sep).join('/'))
  const files = new Map(paths.map((path) => [path, isText(path) ? readFileSync(join(home, path), 'utf8') : '']))
  return { manifest: JSON.parse(files.get('package.json') ?? '{}'), files }
}

/** Third parties that come along with a package, theirs included, and that run a script when they are installed. */
export const scriptsBehind = (pkg: Package, lock: Readonly<Record<string, LockEntry>>): readonly string[] => {
  const found = new Set(neededBy(pkg).filter((needed) => typeof needed === 'string'))
  for (const name of found)
    for (const next of Object.keys(lock[`node_modules/${name}`]?.dependencies ?? {})) found.add(next)
  return [...found].filter((name) => lock[`node_modules/${name}`]?.hasInstallScript === true)
}

type Resolution = 'nodenext' | 'bundler'

/** Compiles the TypeScript files of a folder as a user would who asks much of declarations. */
export const compile = (folder: string, resolution: Resolution): void => {
  const compilerOptions = {
    module: resolution === 'bundler' ? 'preserve' : 'nodenext',
    moduleResolution: resolution,
    target: 'es2023',
    lib: ['es2023'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    isolatedModules: true,
    skipLibCheck: false,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  outputOf(folder, node, tsc)
}

/** Type-checks a program that imports all entries of an installed package, its declarations included. */
export const checkTypes = (pkg: Package, folder: string, resolution: Resolution): void => {
  const specifiers = entriesOf(pkg).map(([specifier]) => specifier)
  const program = [
    ...specifiers.map((specifier, i) => `import * as entry${i} from '${specifier}'`),
    `export const all: readonly object[] = [${specifiers.map((_, i) => `entry${i}`).join(', ')}]`,
  ]
  writeFileSync(join(folder, 'program.ts'), program.join('\n'))
  compile(folder, resolution)
}

/** The names that an installed entry has in Node, for `import` and for `require`. */
export const namesInNode = (specifier: string, folder: string, by: 'import' | 'require'): readonly string[] => {
  const taken = by === 'import' ? `await import('${specifier}')` : `require('${specifier}')`
  const type = by === 'import' ? 'module' : 'commonjs'
  const program = `console.log(JSON.stringify(Object.keys(${taken})))`
  return JSON.parse(outputOf(folder, node, `--input-type=${type}`, '--eval', program))
}
