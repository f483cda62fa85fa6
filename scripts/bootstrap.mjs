// Makes a checkout ready before any npm script: the right Node, the locked packages, a fresh build.
// Silent when there is nothing to do; `--install-only` leaves the build to the caller.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const json = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'))

const stop = (message) => {
  console.error(message)
  process.exit(1)
}

const requireNode = () => {
  const needed = json('package.json').engines.node.replace('>=', '')
  const [major, minor] = needed.split('.').map(Number)
  const [foundMajor, foundMinor] = process.versions.node.split('.').map(Number)
  if (foundMajor < major || (foundMajor === major && foundMinor < minor))
    stop(`Secant needs Node ${needed} or newer; this is Node ${process.versions.node}.`)
}

// npm keeps a copy of the lock of what it installed; it is written last, so an interrupted install has none.
const packagesAreInstalled = () => {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return false
  const installed = json('node_modules', '.package-lock.json').packages
  return Object.entries(json('package-lock.json').packages)
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, locked]) => {
      const found = installed[path]
      if (!found) return locked.optional === true
      return found.version === locked.version && found.integrity === locked.integrity
    })
}

const install = () => {
  const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env.npm_execpath
  const stdio = ['ignore', 'ignore', 'inherit']
  console.log('Installing packages (npm ci) …')
  const { status } = npm?.endsWith('npm-cli.js')
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio })
    : spawnSync(['npm', ...options].join(' '), { cwd: root, stdio, shell: true })
  if (status !== 0) stop('Installing packages failed.')
}

// Folders count as well: their time changes when a file in them is removed.
const newest = (path) => {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return readdirSync(path).reduce((time, name) => Math.max(time, newest(join(path, name))), stats.mtimeMs)
}

const built = join(root, 'node_modules', '.secant-built')

const buildIsFresh = () => {
  const packages = json('tsconfig.json').references.map(({ path }) => join(root, path))
  if (![built, ...packages.map((path) => join(path, 'dist', '.tsbuildinfo'))].every(existsSync)) return false
  const sources = packages.flatMap((path) => ['src', 'tsconfig.json', 'package.json'].map((name) => join(path, name)))
  const shared = ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json'].map((name) => join(root, name))
  return statSync(built).mtimeMs >= Math.max(...[...sources, ...shared].map(newest))
}

const build = () => {
  const started = new Date()
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  console.log('Building (tsc -b) …')
  const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) stop('The build failed.')
  writeFileSync(built, '')
  utimesSync(built, started, started)
}

requireNode()
if (!packagesAreInstalled()) install()
if (!process.argv.includes('--install-only') && !buildIsFresh()) build()
