import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Executor, encodeWeights, inProcess, train } from '@secant/policy'
import { threads } from '@secant/policy/node'
import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, expect, test } from 'vitest'
import {
  ablations,
  bent,
  type Lesson,
  leastSquares,
  lessonFrom,
  lessonOn,
  lessonWork,
  logSumExp,
  lstm,
  planOf,
} from '../src/index.ts'
import { lessonNamed, nameOf } from '../src/node/index.ts'

type Orders = Parameters<
  Executor<Parameters<ReturnType<typeof lessonWork>>[0], ReturnType<ReturnType<typeof lessonWork>>>
>[0]
type Run = (orders: Orders) => Promise<readonly ReturnType<ReturnType<typeof lessonWork>>[]>

/** The first updates of a lesson, as text. */
const beginningOf = async (
  lesson: Lesson,
  updates: number,
  run: Run = inProcess(lessonWork(lesson)),
): Promise<string> => {
  for await (const training of train(planOf(lesson), run, lessonFrom(lesson)))
    if (training.updates === updates) return encodeWeights(lesson.variant.policy.name, training.theta)
  throw new Error('needs a longer lesson')
}

const short = (lesson: Lesson): Lesson => ({ ...lesson, recipe: { ...lesson.recipe, batch: 4, steps: 3, episodes: 2 } })

// `secant train cwss` to its end and `cmp` with weights/cwss/least-squares.json is the same in full.
test('the shipped parameters of least squares begin as they did', async () => {
  const text = await beginningOf(lessonOn(leastSquares), 20)
  expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe('c5dcc602b0a58466')
})

test('every variant learns: parameters move, and losses are numbers', async () => {
  for (const variant of [lstm, ...ablations]) {
    const lesson = short({ ...lessonOn(leastSquares), variant })
    const states = []
    for await (const training of train(planOf(lesson), inProcess(lessonWork(lesson)), lessonFrom(lesson)))
      states.push(training)
    expect(states.map(({ updates }) => updates)).toEqual([1, 2, 3, 4, 5, 6])
    expect(states.at(-1)?.losses.every(Number.isFinite), variant.name).toBe(true)
    expect(states.at(-1)?.dropped).toBe(0)
    expect(encodeWeights('', states[0]?.theta)).not.toBe(encodeWeights('', states[5]?.theta))
  }
})

test('guarded lessons too', async () => {
  for (const subject of [logSumExp, bent]) {
    const lesson = short(lessonOn(subject))
    expect(lesson.recipe.guarded).toBe(true)
    expect(await beginningOf(lesson, 4)).not.toBe(encodeWeights(lesson.variant.policy.name, lessonFrom(lesson).theta))
  }
})

test('lessons have names from which they are found again', () => {
  const lesson = lessonOn(logSumExp, 3)
  expect(lessonNamed(nameOf(lesson))).toEqual(E.right(lesson))
  expect(lessonNamed({ ...nameOf(lesson), subject: 'rosenbrock' })).toEqual(E.left("family 'rosenbrock' is not known"))
  expect(lessonNamed({ ...nameOf(lesson), variant: 'gru' })).toEqual(E.left("variant 'gru' is not known"))
})

const root = fileURLToPath(new URL('../../..', import.meta.url))

beforeAll(() => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', join(root, 'packages', 'experiments')])
  expect(status, String(stdout)).toBe(0)
})

test('one thread, two threads and none come to the same bits', async () => {
  const lesson = short(lessonOn(leastSquares))
  const module = pathToFileURL(join(root, 'packages', 'experiments', 'dist', 'node', 'workshop.js')).href
  const inThreads = async (count: number): Promise<string> => {
    const { run, close } = threads<Orders[number], ReturnType<ReturnType<typeof lessonWork>>>({
      module,
      data: nameOf(lesson),
      count,
    })
    return beginningOf(lesson, 6, run).finally(close)
  }
  const alone = await beginningOf(lesson, 6)
  expect(await inThreads(1)).toBe(alone)
  expect(await inThreads(2)).toBe(alone)
})
