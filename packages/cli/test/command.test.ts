import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The command as it is installed: its own process, its build, and modules that no test runner resolves.
const packages = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(packages, 'cli', 'bin', 'secant.js')
const folder = mkdtempSync(join(tmpdir(), 'secant-command-'))
const place = (name: string): string => join(folder, name)

beforeAll(() => {
  const tsc = join(packages, '..', 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', join(packages, 'cli')], { encoding: 'utf8' })
  expect(status, stdout).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): string => {
  writeFileSync(place(name), text)
  return place(name)
}

const minimize = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'minimize', ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

test('the module of the documentation, far from any installation', () => {
  const page = readFileSync(join(packages, '..', 'docs', 'minimize.md'), 'utf8')
  const [, text = ''] = /```js\n(.*?)```/s.exec(page) ?? []
  const { status, stdout, stderr } = minimize(write('valley.mjs', text))
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const shown = /```\n(certified.*?)```/s.exec(page)?.[1]
  const timeless = (output = ''): string => output.replace(/[\d.]+ s$/m, '')
  expect(timeless(stdout)).toBe(timeless(shown))
})

test('a module and its neighbours are given the packages of the command', () => {
  // A folder that has a package of that name itself: two copies would not know each other's derivatives.
  const own = place('node_modules/@secant/autodiff')
  for (const name of ['autodiff', 'linalg'])
    cpSync(join(packages, name), place(`node_modules/@secant/${name}`), {
      recursive: true,
      filter: (path) => !path.includes('node_modules') || path.startsWith(own),
    })
  write('neighbour.mjs', `import { square } from '@secant/autodiff'\nexport const f = (x) => square(x)`)
  const path = write('near.mjs', `import { f } from './neighbour.mjs'\nexport default { objective: f, x0: 3 }`)
  expect(minimize(path)).toMatchObject({ status: 0, stderr: '' })
})

test('another copy of the packages is noticed', () => {
  for (const name of ['autodiff', 'linalg'])
    cpSync(join(packages, name, 'dist'), place(`copy/${name}`), { recursive: true })
  write('copy/package.json', '{ "type": "module" }')
  const copy = pathToFileURL(place('copy/autodiff/ops/arithmetic.js')).href
  const path = write(
    'foreign.mjs',
    `import { mul } from '${copy}'\nexport default { objective: (x) => mul(x, x), x0: 3 }`,
  )
  const { status, stdout, stderr } = minimize(path)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain('secant: objective: has a value but no derivative (')
  expect(stderr).toContain('needs operations of the @secant/autodiff that the command gives it, or fromGradient(…)')
})

test.each([
  [
    'syntax',
    'export default {\n  objective: x => ,\n}',
    `does not parse (line 2: Unexpected token ','); needs a JavaScript module`,
  ],
  [
    'names',
    `import { cosine } from '@secant/autodiff'`,
    `cannot be imported (The requested module '@secant/autodiff' does not provide an export named 'cosine')`,
  ],
  ['awaiting', 'await new Promise(() => {})', 'throws while it is imported (it awaits what never comes)'],
  ['packages', `import { a } from 'nowhere'`, `cannot be imported (Cannot find package 'nowhere'`],
  ['entries', `import { a } from '@secant/nowhere'`, `cannot be imported (Cannot find package '@secant/nowhere'`],
])('a module that cannot be loaded gets one sentence: %s', (name, text, sentence) => {
  const path = write(`${name}.mjs`, text)
  const { status, stdout, stderr } = minimize(path)
  expect(stderr).toContain(`secant: '${path}': ${sentence}`)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('Ctrl-C saves the run, which goes on to the same bits', async () => {
  const path = write(
    'slow.mjs',
    `import { add, mul, square, sub } from '@secant/autodiff'
     const clock = new Int32Array(new SharedArrayBuffer(4))
     let calls = 0
     const objective = ([a, b]) => {
       Atomics.wait(clock, 0, 0, 2)
       if (++calls === 60) process.stderr.write('under way')
       return add(mul(100, square(sub(b, square(a)))), square(sub(1, a)))
     }
     export default { objective, x0: [-1.2, 1] }`,
  )
  const args = ['minimize', path, '--method', 'adam', '--max-evaluations', '500']
  const child = spawn(process.execPath, [bin, ...args, '--checkpoint', place('saved'), '--json', place('part.json')])
  child.stderr.once('data', () => child.kill('SIGINT'))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect(code).toBe(130)
  const { counts, outcome } = json(place('part.json'))
  expect(outcome.reason).toBe('interrupted')
  expect(counts.evaluations).toBeLessThan(500)
  const [, ...rest] = args
  minimize(...rest, '--resume', place('saved'), '--json', place('rest.json'))
  minimize(...rest, '--json', place('whole.json'))
  const timeless = ({ seconds: _, ...result }: { readonly seconds: number }): unknown => result
  expect(timeless(json(place('rest.json')))).toEqual(timeless(json(place('whole.json'))))
})
