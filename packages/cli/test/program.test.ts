import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { norm, tensor } from '@secant/linalg'
import { decodeTrace } from '@secant/verify'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../src/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'secant-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the command and returns all that a user would see. */
const secant = async (...args: readonly string[]) => {
  const [out, err] = [new PassThrough(), new PassThrough()]
  let ticks = 0
  const load = (url: string): Promise<unknown> => import(/* @vite-ignore */ url)
  const code = await main(args, { out, err, clock: () => ticks++ * 1e-3, load, onInterrupt: () => () => undefined })
  const text = (stream: PassThrough): string => String(stream.read() ?? '')
  return { code, out: text(out), err: text(err) }
}

const report = ['--report', join(folder, 'report')]

describe('compare', () => {
  test('prints a table, and writes a report, traces and a picture', async () => {
    const [traces, picture] = [join(folder, 'traces'), join(folder, 'gap.svg')]
    const { code, out, err } = await secant(
      'compare',
      '--problem',
      'iris',
      'breast-cancer',
      '--method',
      'bfgs',
      'lbfgs',
      ...report,
      '--trace',
      traces,
      '--picture',
      picture,
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.match(/‖g‖∞ ≤ 1e-7/g)).toHaveLength(8)
    expect(out).toContain('report: ')
    const page = readFileSync(join(folder, 'report', 'index.html'), 'utf8')
    expect(page.match(/<svg/g)).toHaveLength(10)
    expect(page.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:|<script|<link|src=/)
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg/)
    expect(readdirSync(traces).sort()).toEqual([
      'breast-cancer-bfgs.jsonl',
      'breast-cancer-lbfgs.jsonl',
      'iris-bfgs.jsonl',
      'iris-lbfgs.jsonl',
    ])
  })

  test('--verify links what theorems say of each run', async () => {
    const folderOfReport = join(folder, 'verified')
    const { code } = await secant(
      ...['compare', '--problem', 'iris', '--method', 'bfgs', '--max-evaluations', '40'],
      ...['--verify', '--report', folderOfReport],
    )
    expect(code).toBe(0)
    expect(readFileSync(join(folderOfReport, 'index.html'), 'utf8')).toContain('<a href="iris-bfgs.html">BFGS</a>')
    expect(readFileSync(join(folderOfReport, 'iris-bfgs.html'), 'utf8')).toContain(
      '<h2>strong Wolfe conditions: holds</h2>',
    )
  })

  test('a trace tells each step where it starts: x₊ = x + α d', async () => {
    const traces = join(folder, 'steps')
    await secant('compare', '--problem', 'iris', '--method', 'lbfgs', ...report, '--trace', traces)
    const trace = decodeTrace(readFileSync(join(traces, 'iris-lbfgs.jsonl'), 'utf8'))
    if (E.isLeft(trace)) throw new Error(trace.left.message)
    const { iterates, header } = trace.right
    expect(header).toMatchObject({ method: 'L-BFGS', n: 15 })
    expect(iterates.at(-1)?.d).toBeUndefined()
    for (const [k, iterate] of iterates.slice(0, -1).entries()) {
      const { x, d, alpha } = iterate
      const landed = x.map((a, i) => (alpha as number) * (d?.[i] as number) + a)
      expect(landed).toEqual(iterates[k + 1]?.x)
      expect(norm(tensor([...iterate.g]))).toBeGreaterThan(0)
    }
  })

  test('compiled or not, a run takes the same steps to the bit', async () => {
    const trace = async (name: string, ...how: readonly string[]): Promise<string> => {
      const [report, traces] = [join(folder, `${name} report`), join(folder, name)]
      const asked = ['--problem', 'rosenbrock', '--method', 'bfgs', '--max-evaluations', '60']
      await secant('compare', ...asked, '--report', report, '--trace', traces, ...how)
      expect(readFileSync(join(report, 'index.html'), 'utf8')).toContain(`objectives ${name}`)
      return readFileSync(join(traces, 'rosenbrock-bfgs.jsonl'), 'utf8')
    }
    expect(await trace('compiled')).toBe(await trace('not compiled', '--no-compile'))
  })

  test('a method whose memory does not fit is left out, and table and report say so', async () => {
    const picture = join(folder, 'none.svg')
    const { out } = await secant(
      'compare',
      '--problem',
      'mnist-mlp',
      '--method',
      'bfgs',
      ...report,
      '--picture',
      picture,
    )
    const sentence = 'BFGS was left out on mnist-mlp: its 16280 × 16280 matrix would not fit'
    expect(out).toContain(sentence)
    expect(readFileSync(join(folder, 'report', 'index.html'), 'utf8')).toContain(sentence)
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg/)
  })

  test('a name given twice is run once', async () => {
    const { out } = await secant('compare', '--problem', 'iris', 'iris', '--method', 'lbfgs', 'lbfgs', ...report)
    expect(out.match(/‖g‖∞ ≤ 1e-7/g)).toHaveLength(2) // its line when it ends, and its row
  })

  test('an earlier report stays where the command stops before it has run anything', async () => {
    const earlier = join(folder, 'report', 'index.html')
    writeFileSync(earlier, 'earlier')
    expect(await secant('compare', ...report, '--picture', join(earlier, 'p.svg'))).toMatchObject({ code: 2, out: '' })
    expect(readFileSync(earlier, 'utf8')).toBe('earlier')
  })

  test('limits are kept', async () => {
    const { out } = await secant(
      'compare',
      '--problem',
      'rosenbrock',
      '--method',
      'adam',
      '--max-evaluations',
      '7',
      ...report,
    )
    expect(out).toContain('7 evaluations used up')
    const short = await secant(
      'compare',
      '--problem',
      'rosenbrock',
      '--method',
      'adam',
      '--max-seconds',
      '0.01',
      ...report,
    )
    expect(short.out).toContain('s used up')
  })
})

describe('bad input gets one sentence', () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  test.each([
    [
      ['compare', '--problem', 'foo'],
      "secant: option '--problem <names...>' argument 'foo' is invalid. Allowed choices are breast-cancer",
    ],
    [['compare', '--method', 'newton'], 'Allowed choices are gradient-descent, adam, bfgs, lbfgs, cwss.'],
    [['compare', '--max-seconds', 'soon'], "argument 'soon' is invalid. It needs a number above 0."],
    [['compare', '--gradient-tolerance', '-1'], 'It needs a number above 0.'],
    [['compare', '--frobnicate'], "secant: unknown option '--frobnicate'; needs one of --problem, --method, "],
    [['--frobnicate'], "secant: unknown option '--frobnicate'; needs one of --version, --help"],
    [['compare', '--method'], "argument missing; needs one of what 'secant compare --help' lists"],
    [['compare', 'something'], 'secant: too many arguments'],
    [
      ['solve'],
      "secant: unknown command 'solve'; needs one of compare, minimize, train, verify, experiment, devices, help",
    ],
    [
      ['compare', '--report', join(file, 'below')],
      `secant: cannot write the report to '${join(file, 'below', 'index.html')}' (ENOTDIR)`,
    ],
    [
      ['compare', ...report, '--picture', join(file, 'p.svg')],
      `secant: cannot write the picture to '${join(file, 'p.svg')}'`,
    ],
  ])('%j', async (args, sentence) => {
    const { code, out, err } = await secant(...args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(sentence)
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

test('help and version are successes', async () => {
  expect(await secant('--version')).toMatchObject({ code: 0, out: '0.1.0\n', err: '' })
  const help = await secant('compare', '--help')
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toMatchInlineSnapshot(`
    "Usage: secant compare [options]

    Run several methods on several problems; print a table and write a report with
    plots.

    Options:
      --problem <names...>           problems to solve (choices: "breast-cancer",
                                     "digits", "mnist-mlp", "iris", "wine",
                                     "rosenbrock", default: breast-cancer digits
                                     mnist-mlp)
      --method <names...>            methods to compare (choices:
                                     "gradient-descent", "adam", "bfgs", "lbfgs",
                                     "cwss", default: gradient-descent adam bfgs
                                     lbfgs cwss)
      --max-seconds <number>         time limit for each run (default: 10)
      --max-evaluations <number>     limit of objective evaluations for each run
                                     (default: 2000)
      --gradient-tolerance <number>  a run succeeds when the largest gradient entry
                                     is at most this (default: 1e-7)
      --report <folder>              where the report goes (default: "report")
      --trace <folder>               also write one trace for each run (JSON lines,
                                     see docs/trace.md)
      --verify                       also check theorems on each run of at most 100
                                     parameters; the report links a page for each
      --no-compile                   evaluate the objectives one operation after
                                     another, without generated code
      --picture <file>               also write one SVG with the gap of all runs
      -h, --help                     display help for command
    "
  `)
})
