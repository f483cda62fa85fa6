import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { encodeHeader, encodeIterate, type TraceHeader } from '@secant/verify'
import { afterAll, describe, expect, test } from 'vitest'
import { exitCodes } from '../src/index.ts'
import { main } from '../src/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'secant-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

const place = (name: string): string => join(folder, name)

const written = (name: string, text: string): string => {
  writeFileSync(place(name), text)
  return place(name)
}

/** Runs the command and returns all that a user would see. */
const secant = async (...args: readonly string[]) => {
  const [out, err] = [new PassThrough(), new PassThrough()]
  let ticks = 0
  const load = (url: string): Promise<unknown> => import(/* @vite-ignore */ url)
  const code = await main(args, { out, err, clock: () => ticks++ * 1e-3, load, onInterrupt: () => () => undefined })
  const text = (stream: PassThrough): string => String(stream.read() ?? '')
  return { code, out: text(out), err: text(err) }
}

/** The rows of the printed table that begin with a name. */
const rowOf = (out: string, theorem: string): readonly string[] | undefined =>
  out
    .split('\n')
    .map((line) => line.split('│').map((cell) => cell.trim()))
    .find(([, name]) => name === theorem)
    ?.slice(1, -1)

const valley = written(
  'valley.mjs',
  `import { add, mul, square, sub } from '@secant/autodiff'
export default {
  objective: ({ a, b }) => add(mul(100, square(sub(b, square(a)))), square(sub(1, a))),
  x0: { a: -1.2, b: 1 },
}`,
)

/** Gradient descent of some other program on f(x) = ½(x₁² + 10 x₂²). */
const foreign = (name: string, alpha: number, more: Partial<TraceHeader> = {}): string => {
  let x = [3, 1]
  const lines = Array.from({ length: 30 }, (_, k) => {
    const [a = 0, b = 0] = x
    const line = { k, x, f: (a * a + 10 * b * b) / 2, g: [a, 10 * b], evaluations: k + 1, seconds: 0 }
    x = [a - alpha * a, b - alpha * 10 * b]
    return encodeIterate(line)
  })
  const header = { method: 'theirs', n: 2, options: {}, ...more }
  return written(name, encodeHeader(header) + lines.join(''))
}

describe('a trace', () => {
  test('of secant minimize: promises are kept, and bounds under estimates never violated', async () => {
    const trace = place('valley.jsonl')
    await secant('minimize', valley, '--method', 'bfgs', '--trace', trace)
    const { code, out, err } = await secant('verify', trace)
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('valley: BFGS, n = 2,')
    expect(out).toContain('L = ')
    for (const promise of ['strong Wolfe conditions', 'secant equation', 'positive definiteness'])
      expect(rowOf(out, promise)?.slice(0, 2)).toEqual([promise, 'holds'])
    expect(rowOf(out, 'Byrd–Nocedal potential')?.[1]).toBe('holds')
    expect(out).toMatch(/\d+ theorems do not apply; --all tells why/)
  })

  test('of another program, by hand', async () => {
    const path = foreign('theirs.jsonl', 0.1)
    const { code, out } = await secant('verify', path, '--L', '10', '--mu', '1', '--minimum', '0')
    expect(code).toBe(0)
    expect(rowOf(out, 'gradient descent, linear rate')).toMatchObject({ 1: 'holds', 7: 'given' })
    const all = await secant('verify', path, '--all')
    expect(all.out).toContain('Armijo condition: unknown: the method promises: Armijo (not promised)')
    expect(rowOf(all.out, 'gradient descent, linear rate')?.[7]).toBe('estimated')
  })

  test('the example of the documentation', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/trace.md'), 'utf8')
    const path = written('page.jsonl', /```json\n([^`]*)```/.exec(page)?.[1] ?? '')
    const { code, out } = await secant('verify', path)
    expect(code).toBe(0)
    expect(rowOf(out, 'gradient descent, contraction')).toBeUndefined()
    expect(rowOf(out, 'gradient descent, linear rate')?.[1]).toBe('holds')
  })

  test.each([
    [
      'a step outside of (0, 2/L)',
      foreign('long.jsonl', 0.201, { constants: { L: 10 } }),
      'step window of gradient descent',
    ],
    [
      'a promise that is broken',
      foreign('broken.jsonl', 0.15, { options: { promises: ['strong Wolfe'], c2: 0.1 } }),
      'strong Wolfe conditions',
    ],
  ])('%s is violated, and the exit code says so', async (_, path, theorem) => {
    const { code, out } = await secant('verify', path)
    expect(code).toBe(exitCodes.violated.code)
    expect(rowOf(out, theorem)?.[1]).toBe('violated')
    expect(out).toMatch(new RegExp(`^${theorem.replace(/[()]/g, '.')}: step \\d+: .* is not so$`, 'm'))
  })

  test.each([
    ['absent.jsonl', /absent.jsonl': cannot be read/],
    [written('empty.jsonl', ''), /line 1: needs a JSON object/],
    [
      written('short.jsonl', `${encodeHeader({ method: 'm', n: 2, options: {} })}{"k":0}\n`),
      /line 2: "x" needs 2 numbers/,
    ],
  ])('that cannot be read is told with its line: %s', async (path, sentence) => {
    const { code, err } = await secant('verify', path)
    expect(code).toBe(exitCodes.misunderstood.code)
    expect(err).toMatch(sentence)
  })
})

describe('a module', () => {
  test('is run first; its constants are estimated, and a report written', async () => {
    const report = place('report')
    const { code, out, err } = await secant('verify', valley, '--report', report)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/L = \S+ \(estimated: Lanczos/)
    expect(out).toMatch(/f\* = \S+ \(estimated: Newton's method/)
    const page = readFileSync(join(report, 'index.html'), 'utf8')
    expect(page).toContain('<h2>Zoutendijk’s sum: holds</h2>')
    expect(page.match(/<svg/g)?.length).toBeGreaterThan(8)
    expect(page).not.toMatch(/<script|undefined|NaN/)
  })

  test('with a gradient by hand, and what it declares', async () => {
    const path = written(
      'bowl.mjs',
      `import { fromGradient, descend, steepest, fixed } from '@secant/optim'
const measure = ([a, b]) => ({ value: (a * a + 10 * b * b) / 2, gradient: Float64Array.of(a, 10 * b) })
export default {
  objective: fromGradient(measure), x0: [3, 1], method: descend(steepest(), fixed(0.1)), constants: { mu: 1, minimum: 0 },
}`,
    )
    const { code, out } = await secant('verify', path)
    expect(code).toBe(0)
    expect(out).toMatch(/L = 10 \(estimated: Lanczos/)
    expect(out).toContain('μ = 1 (given: given)')
    expect(rowOf(out, 'gradient descent, linear rate')?.[1]).toBe('holds')
  })

  test('that cannot be run is told as minimize tells it', async () => {
    const { code, err } = await secant('verify', written('none.mjs', 'export default {}'))
    expect(code).toBe(exitCodes.misunderstood.code)
    expect(err).toContain('needs { objective, x0 }')
  })
})
