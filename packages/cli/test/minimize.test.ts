import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { decodeTrace, type Trace } from '@secant/verify'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, test } from 'vitest'
import { decodeCheckpoint } from '../src/checkpoint.ts'
import { exitCodes } from '../src/index.ts'
import { moduleFields } from '../src/problem-module.ts'
import { main } from '../src/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'secant-minimize-'))
afterAll(() => rmSync(folder, { recursive: true }))

const place = (name: string): string => join(folder, name)

/** A module outside the repository. */
const moduleFile = (name: string, body: string): string => {
  const imports = [
    `import { add, concrete, dot, exp, item, log, mul, sqrt, square, sub, sum } from '@secant/autodiff'`,
    `import { tensor } from '@secant/linalg'`,
    `import { adam, bfgs, descend, fixed, following, fromGradient, gradientNorm, steepest, strongWolfe } from '@secant/optim'`,
  ]
  const path = place(`${name}.mjs`)
  writeFileSync(path, `${imports.join('\n')}\n${body}\n`)
  return path
}

const problem = (name: string, fields: string): string => moduleFile(name, `export default { ${fields} }`)

/** Runs the command and returns all that a user would see; Ctrl-C comes when the clock is read for the n-th time. */
const minimizing = async (args: readonly string[], { interruptAt = Number.POSITIVE_INFINITY, isTTY = false } = {}) => {
  const [out, err] = [Object.assign(new PassThrough(), { isTTY, columns: 200 }), new PassThrough()]
  let listeners: readonly (() => void)[] = []
  let ticks = 0
  const clock = (): number => {
    if (++ticks === interruptAt) for (const listener of listeners) listener()
    return ticks * 1e-3
  }
  const load = (url: string): Promise<unknown> => import(/* @vite-ignore */ url)
  const onInterrupt = (listener: () => void) => {
    listeners = [...listeners, listener]
    return () => {
      listeners = listeners.filter((other) => other !== listener)
    }
  }
  const code = await main(['minimize', ...args], { out, err, clock, load, onInterrupt })
  expect(listeners, 'nobody listens to Ctrl-C afterwards').toEqual([])
  const text = (stream: PassThrough): string => String(stream.read() ?? '')
  return { code, out: text(out), err: text(err) }
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

const traceIn = (path: string): Trace => {
  const trace = decodeTrace(readFileSync(path, 'utf8'))
  if (E.isLeft(trace)) throw new Error(trace.left.message)
  return trace.right
}

/** What a run computed, without how long it took. */
const timeless = <A extends { readonly seconds: number }>({ seconds: _, ...rest }: A): Omit<A, 'seconds'> => rest

const valley =
  'objective: ({ a, b }) => add(mul(100, square(sub(b, square(a)))), square(sub(1, a))), x0: { a: -1.2, b: 1 }'
const valleyFile = problem('valley', `${valley}, constants: { minimum: 0 }`)

describe('what is minimized', () => {
  test.each([
    ['a number', 'objective: (x) => square(sub(x, 3)), x0: 1', 3],
    ['an array', 'objective: ([x, y]) => add(square(sub(x, 1)), square(sub(y, 2))), x0: [0, 0]', [1, 2]],
    ['a typed array', 'objective: (x) => sum(square(sub(x, 2))), x0: new Float64Array(3)', [2, 2, 2]],
    ['a float32 array', 'objective: (x) => sum(square(sub(x, 2))), x0: new Float32Array(2)', [2, 2]],
    [
      'a tensor',
      'objective: (x) => sum(square(sub(x, 2))), x0: tensor([[1, 0], [0, 1]])',
      [
        [2, 2],
        [2, 2],
      ],
    ],
    [
      'a tree',
      'objective: ({ w, c: [d] }) => add(sum(square(sub(w, 2))), square(add(d, 1))), x0: { w: new Float64Array(2), c: [0] }',
      { w: [2, 2], c: [-1] },
    ],
    [
      'a gradient of one’s own',
      `objective: fromGradient((x) => ({ value: x.reduce((s, v) => s + (v - 1) ** 2, 0), gradient: x.map((v) => 2 * (v - 1)) })),
       x0: { a: 5, b: new Float64Array(1) }`,
      { a: 1, b: [1] },
    ],
    ['a start from the seed', 'objective: (x) => square(sub(x, 4)), x0: (seed) => seed + 1', 4],
  ])('%s', async (name, fields, solution) => {
    const path = problem(`good ${name}`, fields)
    const result = place(`${name}.json`)
    const { code, out, err } = await minimizing([path, '--json', result])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^certified: ‖g‖∞ = .* ≤ 0\.000001\nf = /)
    expect(out).toContain('\nx = ')
    const { x, value, outcome } = json(result)
    const near = (expected: unknown): unknown =>
      typeof expected === 'number'
        ? expect.closeTo(expected, 5)
        : Array.isArray(expected)
          ? expected.map(near)
          : Object.fromEntries(Object.entries(expected as object).map(([key, child]) => [key, near(child)]))
    expect(x).toEqual(near(solution))
    expect(value).toBeCloseTo(0, 10)
    expect(outcome.certificates[0].measured).toBeLessThanOrEqual(1e-6)
  })

  test('the result for programs, the trace and the picture', async () => {
    const [result, trace, plot] = [place('valley.json'), place('valley.jsonl'), place('deep/valley.svg')]
    const { code } = await minimizing([valleyFile, '--json', result, '--trace', trace, '--plot', plot])
    expect(code).toBe(0)
    expect(json(result)).toEqual({
      'secant-result': 1,
      version: '0.1.0',
      problem: 'valley',
      n: 2,
      method: { name: 'L-BFGS(10)', search: 'strong-wolfe' },
      outcome: { certified: true, certificates: [{ criterion: '‖g‖∞', measured: expect.any(Number), bound: 1e-6 }] },
      value: expect.any(Number),
      gradientNorm: expect.any(Number),
      x: { a: expect.closeTo(1), b: expect.closeTo(1) },
      counts: { iterations: expect.any(Number), evaluations: expect.any(Number), gradients: expect.any(Number) },
      seconds: expect.any(Number),
    })
    const { header, iterates } = traceIn(trace)
    expect(header).toEqual({
      method: 'L-BFGS(10)',
      n: 2,
      options: {
        search: 'strong-wolfe',
        promises: ['strong Wolfe', 'secant equation'],
        c1: 1e-4,
        c2: 0.9,
        problem: 'valley',
      },
      constants: { minimum: 0 },
    })
    expect(iterates).toHaveLength(json(result).counts.iterations + 1)
    expect(iterates[0]).toMatchObject({ k: 0, x: [-1.2, 1], evaluations: 1 })
    expect(iterates.at(-1)?.x).toEqual(Object.values(json(result).x))
    expect(iterates.at(-1)?.evaluations).toBe(json(result).counts.evaluations)
    expect(readFileSync(plot, 'utf8')).toMatch(/^<svg.*gap to the minimum/s)
  })

  test('a seed is what x0 is called with, 0 without one', async () => {
    const path = problem('sown', 'objective: (x) => square(x), x0: (seed) => 10 + seed')
    const trace = place('sown.jsonl')
    await minimizing([path, '--seed', '7', '--trace', trace])
    expect(traceIn(trace).iterates[0]?.x).toEqual([17])
    await minimizing([path, '--trace', trace])
    expect(traceIn(trace).iterates[0]?.x).toEqual([10])
  })

  test('methods, searches and criteria: of the command line, else of the module', async () => {
    const own = problem(
      'own',
      `${valley}, name: 'my valley', method: descend(bfgs(), strongWolfe()), until: [gradientNorm(1e-3)]`,
    )
    const methodOf = async (...args: readonly string[]) => {
      await minimizing([own, '--json', place('own.json'), ...args])
      const { method, outcome, problem: name } = json(place('own.json'))
      expect(name).toBe('my valley')
      return { ...method, bound: outcome.certificates?.[0].bound }
    }
    expect(await methodOf()).toEqual({ name: 'BFGS', bound: 1e-3 })
    expect(await methodOf('--gradient-tolerance', '1e-9')).toEqual({ name: 'BFGS', bound: 1e-9 })
    const backtracked = await methodOf('--method', 'bfgs', '--search', 'backtracking')
    expect(backtracked).toEqual({ name: 'BFGS', search: 'backtracking', bound: 1e-3 })
    expect(await methodOf('--method', 'adam')).toMatchObject({ name: 'Adam(0.05)', search: 'fixed' })
  })

  test('a method that is no descent is traced without its steps', async () => {
    const method = `const inner = descend(steepest(), fixed(0.25))
      const method = { name: 'wrapped', init: (p) => ({ inner: inner.init(p) }), at: (s) => s.inner.point,
        *step(s) { const next = yield* inner.step(s.inner); return next._tag === 'Left' ? next : { ...next, right: { inner: next.right } } } }`
    const path = moduleFile('wrapped', `${method}\nexport default { objective: (x) => square(x), x0: 1, method }`)
    const [trace, saved] = [place('wrapped.jsonl'), place('wrapped-checkpoint')]
    expect(await minimizing([path, '--trace', trace, '--checkpoint', saved])).toMatchObject({ code: 0 })
    expect(traceIn(trace).iterates.every(({ d }) => d === undefined)).toBe(true)
    expect(await minimizing([path, '--resume', saved])).toMatchObject({ code: 0 })
  })

  test('x is shown up to ten numbers', async () => {
    const shown = async (n: number) => {
      const path = problem(`many${n}`, `objective: (x) => sum(square(x)), x0: new Float64Array(${n})`)
      return (await minimizing([path])).out.includes('\nx = ')
    }
    expect([await shown(10), await shown(11)]).toEqual([true, false])
  })

  test('a terminal sees how the run gets on', async () => {
    const { out } = await minimizing([valleyFile, '--method', 'adam', '--max-evaluations', '400'], { isTTY: true })
    expect(out).toMatch(/valley +0\.\d s {2}step \d+ {2}f = /)
  })
})

describe('every end has its code', () => {
  const ends: readonly (readonly [keyof typeof exitCodes, string, readonly string[]])[] = [
    ['budget', valley, ['--max-evaluations', '5']],
    ['out of time', valley, ['--max-seconds', '0.01']],
    [
      'not a descent direction',
      `${valley}, method: descend({ ...steepest(), propose: (m, at) => [at.grad, m] }, strongWolfe())`,
      [],
    ],
    ['search exhausted', 'objective: (x) => mul(-1, x), x0: 0', []],
    [
      'roundoff-limited',
      'objective: fromGradient((x) => ({ value: 1 + x[0] ** 2, gradient: Float64Array.of(1e-10) })), x0: 0',
      ['--gradient-tolerance', '1e-12'],
    ],
    ['non-finite objective', 'objective: (x) => log(x), x0: 1', ['--method', 'gradient-descent', '--search', 'fixed']],
  ]
  test.each(ends)('%s', async (reason, fields, args) => {
    const path = problem(`end ${reason}`, fields)
    const result = place('end.json')
    const { code, out, err } = await minimizing([path, ...args, '--json', result])
    expect({ code, err }).toEqual({ code: exitCodes[reason].code, err: '' })
    expect(out).toContain(`(exit code ${code})`)
    expect(json(result).outcome).toMatchObject({ certified: false, reason })
  })

  test('an objective that fails on the way', async () => {
    const fields = `objective: (x) => { if (item(x) < 0.9) throw new Error('too far'); return square(x) }, x0: 1`
    const path = problem('fails later', fields)
    const saved = place('fails-later')
    const { code, out, err } = await minimizing([path, '--checkpoint', saved, '--stack'])
    expect({ code, out }).toEqual({ code: exitCodes['objective failed'].code, out: '' })
    expect(err).toMatch(/^secant: objective: fails on the way: too far\nError: too far\n {4}at .*fails later\.mjs/)
    expect(existsSync(join(saved, 'checkpoint.jsonl'))).toBe(true)
  })

  test('no two reasons share a code; help and page show the table', async () => {
    const rows = Object.values(exitCodes)
    expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length)
    const page = readFileSync(new URL('../../../docs/minimize.md', import.meta.url), 'utf8')
    const help = await minimizing(['--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const { code, meaning } of rows)
      expect(help.out).toMatch(new RegExp(`^ +${code}  ${meaning.replace(/[()]/g, '.')}$`, 'm'))
    for (const { code, meaning } of rows) expect(page).toContain(`| ${code} | ${meaning} |`)
    for (const [field, meaning] of Object.entries(moduleFields)) expect(page).toContain(`| \`${field}\` | ${meaning} |`)
  })
})

describe('a bad module gets one sentence', () => {
  const fine = 'objective: (x) => sum(square(x))'
  const cases: readonly (readonly [name: string, body: string, sentence: string, code: 2 | 4])[] = [
    ['no default', 'export const objective = 1', `has no default export; needs export default { objective, x0 }`, 2],
    ['throws', `throw new Error('at once')`, 'throws while it is imported (at once)', 2],
    ['promised', 'export default Promise.resolve({})', 'has a promise as its default export; needs export default', 2],
    ['function', 'export default () => 1', 'the default export: got a function; needs { objective, x0 }', 2],
    [
      'unknown field',
      `export default { ${fine}, x0: 1, start: 1 }`,
      'got a field start; needs fields among objective, x0, name, method, until, constants',
      2,
    ],
    ['no objective', 'export default { x0: 1 }', 'got no objective; needs { objective, x0 }', 2],
    ['no x0', `export default { ${fine} }`, 'got no x0; needs { objective, x0 }', 2],
    [
      'objective no function',
      'export default { objective: 1, x0: 1 }',
      'objective: got the number 1; needs a function, or fromGradient',
      2,
    ],
    ['x0 text', `export default { ${fine}, x0: { a: ['1'] } }`, 'x0.a[0]: got a string; needs numbers', 2],
    [
      'x0 integers',
      `export default { ${fine}, x0: [new Int32Array(2)] }`,
      'x0[0]: got an Int32Array; needs numbers',
      2,
    ],
    [
      'x0 integer tensor',
      `export default { ${fine}, x0: tensor([1], 'int32') }`,
      'x0: got a tensor of int32; needs numbers',
      2,
    ],
    [
      'x0 NaN',
      `export default { ${fine}, x0: { a: Float64Array.of(1, NaN) } }`,
      'x0.a: got NaN; needs finite numbers',
      2,
    ],
    ['x0 infinite', `export default { ${fine}, x0: [1, -Infinity] }`, 'x0[1]: got -Infinity; needs finite numbers', 2],
    ['x0 empty', `export default { ${fine}, x0: [] }`, 'x0: got no numbers; needs at least one', 2],
    [
      'x0 mixed',
      `export default { ${fine}, x0: [1, new Float32Array(1)] }`,
      'x0: got float64 and float32; needs one kind of floats',
      2,
    ],
    ['x0 promise', `export default { ${fine}, x0: async (seed) => seed }`, 'x0: got a promise; needs numbers', 2],
    [
      'x0 throws',
      `export default { ${fine}, x0: () => { throw new Error('no seed') } }`,
      'x0: fails for seed 0: no seed',
      2,
    ],
    [
      'fromGradient float32',
      'export default { objective: fromGradient(() => 1), x0: new Float32Array(1) }',
      'x0: got float32 for an objective by fromGradient; needs float64',
      2,
    ],
    ['name', `export default { ${fine}, x0: 1, name: ' ' }`, 'name: got a string; needs what to call the problem', 2],
    [
      'method',
      `export default { ${fine}, x0: 1, method: 'bfgs' }`,
      'method: got a string; needs a method instead of L-BFGS',
      2,
    ],
    [
      'until',
      `export default { ${fine}, x0: 1, until: gradientNorm(1) }`,
      'until: got an object; needs criteria of success',
      2,
    ],
    [
      'constants',
      `export default { ${fine}, x0: 1, constants: { l: 1 } }`,
      'constants: got an object; needs known numbers',
      2,
    ],
    [
      'throwing',
      `export default { objective: () => { throw new Error('not today') }, x0: 1 }`,
      'objective: fails at the start: not today',
      2,
    ],
    [
      'promise',
      'export default { objective: async (x) => x, x0: 1 }',
      'objective: fails at the start: got a promise; needs a scalar, returned at once',
      2,
    ],
    [
      'nothing',
      'export default { objective: () => {}, x0: 1 }',
      'objective: fails at the start: got undefined; needs a scalar, returned at once',
      2,
    ],
    [
      'vector',
      'export default { objective: (x) => square(x), x0: new Float64Array(2) }',
      'got a result of shape [2]; needs a scalar, []',
      2,
    ],
    [
      'plain numbers',
      'export default { objective: (x) => item(x) ** 2, x0: 1 }',
      'got a result that operations do not connect to its argument; needs operations of',
      2,
    ],
    [
      'plain arithmetic',
      'export default { objective: (x) => x * x, x0: 1 }',
      'objective: has a value but no derivative (arithmetic: got a traced value in +, * or <; needs',
      2,
    ],
    [
      'NaN',
      'export default { objective: (x) => log(x), x0: -1 }',
      'objective: is NaN at the start; needs a finite value',
      4,
    ],
    [
      'NaN gradient',
      'export default { objective: (x) => sqrt(x), x0: 0 }',
      'objective: has a gradient that is not finite at the start',
      4,
    ],
    [
      'measure promise',
      'export default { objective: fromGradient(async () => 1), x0: 1 }',
      'got a promise; needs { value, gradient }, returned at once',
      2,
    ],
    [
      'measure value',
      `export default { objective: fromGradient(() => ({ value: '1', gradient: new Float64Array(1) })), x0: 1 }`,
      'got a string as value; needs a number',
      2,
    ],
    [
      'measure list',
      'export default { objective: fromGradient(() => ({ value: 1, gradient: [1] })), x0: 1 }',
      'got an array as gradient; needs a Float64Array',
      2,
    ],
    [
      'measure length',
      'export default { objective: fromGradient(() => ({ value: 1, gradient: new Float64Array(3) })), x0: 1 }',
      'got a gradient of length 3; needs 1, as x0',
      2,
    ],
  ]
  test.each(cases)('%s', async (name, body, sentence, wanted) => {
    const { code, out, err } = await minimizing([moduleFile(`bad ${name}`, body)])
    expect(err).toContain(sentence)
    expect({ code, out }).toEqual({ code: wanted, out: '' })
    expect(err.trim().split('\n')).toHaveLength(1)
  })

  test.each([
    [[place('nowhere.mjs')], `'${place('nowhere.mjs')}': is not there; needs a JavaScript module`],
    [[folder], `'${folder}': is no file; needs a JavaScript module`],
    [[], `missing required argument 'module'`],
    [[valleyFile, '--method', 'newton'], 'Allowed choices are lbfgs, bfgs, adam, gradient-descent.'],
    [[valleyFile, '--search', 'golden'], 'Allowed choices are strong-wolfe, hager-zhang,'],
    [[valleyFile, '--seed', '1'], '--seed: got 1 for an x0 that is fixed; needs one that is a function of the seed'],
    [[valleyFile, '--seed', '1.5'], 'It needs a whole number from 0.'],
    [[valleyFile, '--max-evaluations', '0'], 'It needs a number above 0.'],
    [[valleyFile, '--max-evaluations', '1.5'], 'It needs a whole number above 0.'],
    [
      [valleyFile, '--json', place('one.json'), '--trace', join(folder, 'nowhere', '..', 'one.json')],
      `--json, --trace, --plot: got '${place('one.json')}' twice; needs a file for each`,
    ],
    [
      [valleyFile, '--json', join(valleyFile, 'r.json')],
      `cannot write the result to '${join(valleyFile, 'r.json')}' (E`,
    ],
    [[valleyFile, '--checkpoint', valleyFile], `cannot write the checkpoint to '${valleyFile}`],
    [
      [problem('large', 'objective: (x) => sum(square(x)), x0: new Float64Array(2001)'), '--method', 'bfgs'],
      '--method bfgs: got 2001 parameters, whose 2001 × 2001 matrix is too large; needs at most 2000',
    ],
    [
      [problem('searching', `${valley}, method: descend(bfgs(), strongWolfe())`), '--search', 'fixed'],
      `--search: got fixed beside a method of the module's own; needs --method with it`,
    ],
  ])('%j', async (args, sentence) => {
    const { code, out, err } = await minimizing(args)
    expect(err).toContain(sentence)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

describe('--check-gradient', () => {
  const measured = (gradient: string): string =>
    `objective: fromGradient((x) => ({ value: Math.exp(x[0]) + x[1] ** 4, gradient: Float64Array.of(${gradient}) })), x0: [0.3, -2]`

  test('a right gradient agrees in every direction, and the run goes on', async () => {
    const path = problem('right', `${measured('Math.exp(x[0]), 4 * x[1] ** 3')}, until: [gradientNorm(100)]`)
    const { code, out } = await minimizing([path, '--check-gradient'])
    expect(code).toBe(0)
    expect(out.match(/ agrees /g)).toHaveLength(5)
    expect(out).toContain('certified')
  })

  test.each(['Math.exp(x[0]), 3 * x[1] ** 3', 'Math.exp(x[0]), 4 * x[1] ** 3 + 1e-6', '0, 4 * x[1] ** 3'])(
    'a wrong one is caught before anything is run: %s',
    async (gradient) => {
      const { code, out, err } = await minimizing([
        problem(`wrong ${gradient.length}`, measured(gradient)),
        '--check-gradient',
      ])
      expect(code).toBe(exitCodes['wrong gradient'].code)
      expect(out).toContain('disagrees')
      expect(out).not.toContain('f = ')
      expect(err).toMatch(/^secant: --check-gradient: got \d of 5 slopes unlike differences of values\n$/)
    },
  )

  test('the edge of a domain is approached by smaller differences', async () => {
    const path = problem('edge', 'objective: ([x, y]) => add(mul(-1, log(x)), add(x, square(y))), x0: [1e-5, 1e3]')
    const { out } = await minimizing([path, '--check-gradient'])
    expect(out.match(/ agrees /g)).toHaveLength(5)
  })
})

describe('checkpoints', () => {
  const rosenbrock = problem(
    'rosenbrock',
    `objective: (x) => { const [a, b] = [x.a, x.b]; return add(sum(mul(100, square(sub(b, square(a))))), sum(square(sub(1, a)))) },
     x0: { a: Float64Array.of(-1.2, 2, 0.3), b: Float64Array.of(1, 1, 1) }`,
  )

  test.each(['lbfgs', 'bfgs', 'adam', 'gradient-descent'])(
    '%s: interrupted and gone on with, a run gives the same bits',
    async (method) => {
      const limits = ['--method', method, '--gradient-tolerance', '1e-9', '--max-evaluations', '120']
      const at = (name: string): string => place(`${method}-${name}`)
      const whole = await minimizing([rosenbrock, ...limits, '--json', at('whole.json'), '--trace', at('whole.jsonl')])
      const files = ['--json', at('part.json'), '--trace', at('part.jsonl')]
      const part = await minimizing([rosenbrock, ...limits, ...files, '--checkpoint', at('saved')], { interruptAt: 30 })
      expect(part).toMatchObject({ code: 130, err: '' })
      expect(part.out).toContain('stopped: interrupted (exit code 130)')
      const { counts } = json(at('part.json'))
      expect(counts.iterations).toBeGreaterThan(2)
      const goneOn = ['--resume', at('saved'), '--json', at('rest.json'), '--trace', at('rest.jsonl')]
      expect((await minimizing([rosenbrock, ...limits, ...goneOn])).code).toBe(whole.code)
      expect(timeless(json(at('rest.json')))).toEqual(timeless(json(at('whole.json'))))
      const [all, before, after] = ['whole', 'part', 'rest'].map((name) => traceIn(at(`${name}.jsonl`)))
      // The iterate that was saved ends one trace and begins the other.
      const joined = [...(before as Trace).iterates.slice(0, -1), ...(after as Trace).iterates]
      expect(joined.map(timeless)).toEqual(all?.iterates.map(timeless))
      expect(all?.iterates.length).toBeGreaterThan(counts.iterations + 1)
    },
  )

  test('a run that used its budget up goes on with a larger one, in the same folder', async () => {
    const saved = place('budget')
    const first = await minimizing([rosenbrock, '--max-evaluations', '9', '--checkpoint', saved])
    expect(first.code).toBe(exitCodes.budget.code)
    const rest = await minimizing([rosenbrock, '--resume', saved, '--checkpoint', saved, '--json', place('more.json')])
    const whole = await minimizing([rosenbrock, '--json', place('all.json')])
    expect([rest.code, whole.code]).toEqual([0, 0])
    expect(timeless(json(place('more.json')))).toEqual(timeless(json(place('all.json'))))
    expect(json(place('more.json')).seconds).toBeGreaterThan(0)
  })

  test('the best point before the interruption stays the best', async () => {
    // Adam's first steps have the length of its rate, here fifty times the distance to the minimum.
    const path = problem(
      'overshot',
      'objective: (x) => square(x), x0: 1e-3, method: descend(following(adam({ rate: 0.05 })), fixed(1))',
    )
    const saved = place('overshot')
    await minimizing([path, '--max-evaluations', '4', '--checkpoint', saved])
    await minimizing([path, '--max-evaluations', '8', '--resume', saved, '--json', place('overshot.json')])
    expect(json(place('overshot.json'))).toMatchObject({ x: 1e-3, value: 1e-6, counts: { evaluations: 8 } })
  })

  test('saved every ten seconds: what a run leaves behind that ends without a word', async () => {
    const saved = place('killed')
    const text = `import { readFileSync } from 'node:fs'
      let calls = 0
      const seen = []
      export default { objective: fromGradient((x) => {
        if (++calls > 40) seen.push(JSON.parse(readFileSync('${join(saved, 'checkpoint.jsonl')}', 'utf8').split('\\n')[1]).counts.evaluations)
        if (calls === 60) throw new Error([...new Set(seen)].join(' '))
        return { value: x[0] ** 2, gradient: Float64Array.of(2 * x[0]) }
      }), x0: 1e9, method: descend(following(adam()), fixed(1)) }`
    const path = moduleFile('killed', text)
    const clock = { now: 0 }
    const { out, err } = { out: new PassThrough(), err: new PassThrough() }
    const code = await main(['minimize', path, '--checkpoint', saved], {
      out,
      err,
      clock: () => clock.now++,
      load: (url) => import(/* @vite-ignore */ url),
      onInterrupt: () => () => undefined,
    })
    expect(code).toBe(exitCodes['objective failed'].code)
    const counts = /way: (.*)\n/.exec(String(err.read()))?.[1]?.split(' ').map(Number) ?? []
    expect(counts.length).toBeGreaterThan(1) // saved anew while the run went on
  })

  const saved = place('kept')
  const file = join(saved, 'checkpoint.jsonl')
  const keep = async (): Promise<Buffer> => {
    if (!existsSync(file)) await minimizing([rosenbrock, '--max-evaluations', '9', '--checkpoint', saved])
    return readFileSync(file)
  }

  test('a checkpoint is not written over by another run', async () => {
    const before = await keep()
    const { code, err } = await minimizing([rosenbrock, '--checkpoint', saved])
    expect(code).toBe(2)
    expect(err).toContain(`--checkpoint: got '${saved}', which holds a checkpoint; needs --resume '${saved}' with it`)
    expect(readFileSync(file)).toEqual(before)
  })

  test('any one byte that is flipped is noticed', async () => {
    const bytes = await keep()
    expect(E.isRight(decodeCheckpoint(bytes.toString('utf8')))).toBe(true)
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Uint8Array.from(bytes)
      flipped[i] = (flipped[i] as number) ^ (1 << (i % 7))
      expect(E.isLeft(decodeCheckpoint(Buffer.from(flipped).toString('utf8'))), `byte ${i}`).toBe(true)
    }
    for (const length of [0, 10, bytes.length - 1])
      expect(E.isLeft(decodeCheckpoint(bytes.toString('utf8').slice(0, length)))).toBe(true)
  })

  test('a damaged one is refused', async () => {
    const text = (await keep()).toString('utf8')
    writeFileSync(file, text.replace('"iterations":', '"iterations" :'))
    const { code, out, err } = await minimizing([rosenbrock, '--resume', saved])
    writeFileSync(file, text)
    expect({ code, out }).toEqual({ code: exitCodes['bad checkpoint'].code, out: '' })
    expect(err).toBe(`secant: --resume: '${file}' is damaged: its checksum is not that of its contents\n`)
  })

  const other = (name: string, x0: string, scale = 1): string =>
    moduleFile(
      name,
      `export default { name: 'rosenbrock', x0: ${x0}, objective: (x) => { const [a, b] = [x.a, x.b]; return add(mul(${scale}, sum(mul(100, square(sub(b, square(a)))))), sum(square(sub(1, a)))) } }`,
    )
  const kept = '{ a: Float64Array.of(-1.2, 2, 0.3), b: Float64Array.of(1, 1, 1) }'

  test.each([
    [valleyFile, [], 'the checkpoint is of problem rosenbrock, and this is valley'],
    [
      other('longer', '{ a: new Float64Array(4), b: new Float64Array(4) }'),
      [],
      'has 6 parameters of float64, and the problem 8 of float64',
    ],
    [
      other('lighter', '{ a: new Float32Array(3), b: new Float32Array(3) }'),
      [],
      'has 6 parameters of float64, and the problem 6 of float32',
    ],
    [
      other('elsewhere', '{ a: Float64Array.of(-1.2, 2, 0.31), b: Float64Array.of(1, 1, 1) }'),
      [],
      'the checkpoint is of a run from another x0 (or seed)',
    ],
    [other('scaled', kept, 1.0000001), [], 'the checkpoint is of another objective'],
    [rosenbrock, ['--method', 'bfgs'], 'is of method L-BFGS(10), strong-wolfe, and this is BFGS, strong-wolfe'],
    [
      rosenbrock,
      ['--search', 'backtracking'],
      'is of method L-BFGS(10), strong-wolfe, and this is L-BFGS(10), backtracking',
    ],
  ])('one that does not fit is refused: %s %j', async (path, args, sentence) => {
    await keep()
    const { code, out, err } = await minimizing([path, ...args, '--resume', saved])
    expect(err).toContain(sentence)
    expect({ code, out }).toEqual({ code: exitCodes['bad checkpoint'].code, out: '' })
    expect(err.trim().split('\n')).toHaveLength(1)
  })

  test('the same numbers in another module go on', async () => {
    await keep()
    expect(await minimizing([other('same', kept), '--resume', saved])).toMatchObject({ code: 0, err: '' })
  })

  test('a folder without one is told', async () => {
    const { code, err } = await minimizing([rosenbrock, '--resume', place('empty')])
    expect(code).toBe(exitCodes['bad checkpoint'].code)
    expect(err).toContain('is not there; needs a folder that --checkpoint has written')
  })
})
