// What must hold besides the tests: one line for each part, and the output of what failed.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tool = (...path) => join(root, 'node_modules', ...path)

const tsc = tool('typescript', 'bin', 'tsc')
const biome = tool('@biomejs', 'biome', 'bin', 'biome')
const vitest = tool('vitest', 'vitest.mjs')

const parts = {
  'types of the packages': [tsc, '-b'],
  'types of the tests': [tsc, '-p', 'tsconfig.test.json'],
  'lint and format': [biome, 'check', '--error-on-warnings', '.'],
  architecture: [vitest, 'run', 'test/architecture.test.ts'],
  'reading paths': [join(root, 'scripts', 'reading-path.mjs')],
}

const failed = Object.entries(parts).filter(([name, command]) => {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  console.log(`${name}: ${status === 0 ? 'ok' : 'failed'}`)
  if (status !== 0) console.log(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}`)
  return status !== 0
})

process.exitCode = failed.length === 0 ? 0 : 1
