import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { decodeFindings } from '@secant/experiments'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../src/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'secant-cwss-'))
const place = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the command; the user interrupts when the clock has been looked at `patience` times. */
const secant = async (args: readonly string[], patience = Number.POSITIVE_INFINITY) => {
  const [out, err] = [new PassThrough(), new PassThrough()]
  let ticks = 0
  let interrupt = (): void => undefined
  const clock = (): number => {
    if (++ticks > patience) interrupt()
    return ticks * 1e-3
  }
  const onInterrupt = (listener: () => void) => {
    interrupt = listener
    return () => undefined
  }
  const load = (url: string): Promise<unknown> => import(/* @vite-ignore */ url)
  const code = await main(args, { out, err, clock, load, onInterrupt })
  const text = (stream: PassThrough): string => String(stream.read() ?? '')
  return { code, out: text(out), err: text(err) }
}

const lesson = ['train', 'cwss', '--variant', 'mlp', '--episodes', '1']

describe('train cwss', () => {
  test('writes parameters and a plot of the loss; interrupted and gone on with, the same bits', async () => {
    const [whole, rest, plot] = [place('whole.json'), place('rest.json'), place('loss.svg')]
    const straight = await secant([...lesson, '--out', whole, '--plot', plot])
    expect(straight).toMatchObject({ code: 0, err: '' })
    expect(straight.out).toMatch(
      /^MLP in place of the LSTM on least squares, C = 10, seed 1: 60 updates, loss -0\.\d+, 0 /,
    )
    expect(readFileSync(plot, 'utf8')).toMatch(/^<svg/)

    const saving = [...lesson, '--checkpoint', place('saved'), '--out', rest]
    const stopped = await secant(saving, 60)
    expect(stopped).toMatchObject({ code: 130, err: '' })
    const updates = Number(/(\d+) updates/.exec(stopped.out)?.[1])
    expect(updates).toBeGreaterThan(0)
    expect(updates).toBeLessThan(60)
    expect(await secant([...saving, '--resume'])).toMatchObject({ code: 0, err: '' })
    expect(readFileSync(rest, 'utf8')).toBe(readFileSync(whole, 'utf8'))

    // A folder that holds a training is not overwritten, and only its own lesson goes on with it.
    expect(await secant(saving)).toMatchObject({ code: 2, err: expect.stringContaining('which holds a training') })
    const other = await secant([...saving, '--resume', '--seed', '2'])
    expect(other).toMatchObject({
      code: 11,
      err: expect.stringContaining('is of another lesson, seed, recipe or version'),
    })
    const file = place('saved/training.jsonl')
    const text = readFileSync(file, 'utf8')
    mkdirSync(place('damaged'))
    cpSync(file, place('damaged/training.jsonl'))
    writeFileSync(place('damaged/training.jsonl'), text.replace(/"base64":"..../, '"base64":"AAAA'))
    const damaged = await secant([...lesson, '--checkpoint', place('damaged'), '--out', rest, '--resume'])
    expect(damaged).toMatchObject({ code: 11, err: expect.stringContaining('is damaged') })
  })

  test.each([
    [['--family', 'rosenbrock'], 2, "argument 'rosenbrock' is invalid. Allowed choices are least-squares,"],
    [['--variant', 'gru'], 2, "argument 'gru' is invalid. Allowed choices are lstm, mlp,"],
    [['--workers', '0'], 2, '--workers: got 0; needs a whole number from 1'],
    [['--lambda', '0'], 2, 'It needs a number above 0.'],
    [['--resume'], 2, '--resume: got no folder; needs --checkpoint with it'],
    [
      ['--resume', '--checkpoint', join(tmpdir(), 'secant-nowhere')],
      11,
      'is not there; needs a folder that --checkpoint has',
    ],
  ])('bad input gets one sentence: %j', async (args, code, sentence) => {
    const result = await secant([...lesson, '--out', place('bad.json'), ...args])
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toContain(sentence)
    expect(result.err.trim().split('\n')).toHaveLength(1)
  })
})

const isSelfContained = (page: string): boolean =>
  !/https?:|<script|<link|src=/.test(page.replaceAll(/xmlns(:xlink)?="[^"]*"/g, ''))

describe('experiment cwss', () => {
  const small = ['--family', 'logistic', '--problems', '1']

  test('quick: measures what the package brings along, beside the long run', async () => {
    const report = place('quick')
    const { code, out, err } = await secant(['experiment', 'cwss', '--quick', ...small, '--report', report])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/logistic regression +│ +≥ 1\.80× │ +\d\.\d\d× │ +\d\.\d\d× │ (met|missed)/)
    for (const title of ['targets', 'transfer of guarded policies', 'dimensions', 'seeds (long run)', 'CWSS, guarded'])
      expect(out).toContain(title)
    const page = readFileSync(join(report, 'index.html'), 'utf8')
    expect(isSelfContained(page)).toBe(true)
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(4)
    expect(page).toContain('The paper tells of up to 4 times fewer iterations')
  })

  test('long: trains, goes on with what is there, and writes what it found', async () => {
    const [report, saved] = [place('long'), place('lessons')]
    const long = ['experiment', 'cwss', ...small, '--episodes', '1', '--seeds', '1', '--checkpoint', saved]
    expect(await secant([...long, '--report', report], 40)).toMatchObject({ code: 130, err: '' })
    const { code, out, err } = await secant([...long, '--report', report])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('logistic-lstm-1: 60 updates, 0 problems dropped')
    const found = decodeFindings(readFileSync(join(report, 'result.json'), 'utf8'))
    if (E.isLeft(found)) throw new Error(found.left)
    expect(found.right.about).toMatchObject({ form: 'long', seeds: 1, lessons: 'logistic-lstm-1' })
    expect(found.right.tables.seeds.map(({ method }) => method)).toEqual(['backtracking', 'lstm', 'lstm-guarded'])
    expect(found.right.lessons.map(({ lesson: name, losses }) => [name, losses.length])).toEqual([
      ['logistic-lstm-1', 60],
    ])
  })

  test.each([
    [[], '--checkpoint: got none; the long form needs a folder for its trainings (or give --quick)'],
    [['--finished', '--checkpoint', tmpdir()], 'without finished trainings; needs one or more'],
    [['--quick', '--problems', '0'], '--problems: got 0; needs a whole number from 1'],
    [['--quick', '--family', 'rosenbrock'], "argument 'rosenbrock' is invalid. Allowed choices are least-squares,"],
    [['--quick', '--family', 'tiny-cnn'], '--family: got tiny-cnn; needs digits that are here, and the long form'],
    [['--frobnicate'], "unknown option '--frobnicate'"],
  ])('bad input gets one sentence: %j', async (args, sentence) => {
    const result = await secant(['experiment', 'cwss', '--report', place('bad'), ...args])
    expect(result).toMatchObject({ code: 2, out: '' })
    expect(result.err).toContain(sentence)
    expect(result.err.trim().split('\n')).toHaveLength(1)
  })
})
