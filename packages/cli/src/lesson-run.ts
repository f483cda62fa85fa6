/** A lesson carried out to its end, with checkpoints, and threads where they are asked for. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lesson, lessonFrom, lessonWork, planOf, type Runs, type Trainer } from '@secant/experiments'
import { nameOf, workshopModule } from '@secant/experiments/node'
import { type Executor, inProcess, type Order, type Training, train, type Work } from '@secant/policy'
import { threads } from '@secant/policy/node'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isPlainObject } from './describe.ts'
import { Failure, misunderstood } from './failure.ts'
import { replaceFile } from './files.ts'
import { fingerprint, seal, unseal } from './sealed.ts'
import type { Surroundings } from './surroundings.ts'
import { versionOf } from './version.ts'

/** A lesson as far as it has come. */
export type Learning = Training<unknown, Runs, Trainer>

/** Where a lesson is saved, if anywhere, and by how many threads it is carried out. None of it changes its result. */
export interface LessonRun {
  readonly workers: number
  readonly checkpoint?: string
  readonly resume?: boolean
}

/** Seconds of work between two checkpoints. */
const checkpointInterval = 20

const fileIn = (folder: string): string => join(folder, 'training.jsonl')

/** What has to be the same for a training to be gone on with. */
const identityOf = (lesson: Lesson): string => fingerprint({ version: versionOf(), ...nameOf(lesson) })

const isLearning = (value: unknown, { theta }: Learning): value is Learning =>
  isPlainObject(value) &&
  ['episode', 'stretch', 'updates', 'dropped'].every((field) => Number.isInteger(value[field])) &&
  Array.isArray(value['losses']) &&
  Array.isArray(value['chunks']) &&
  JSON.stringify(Object.keys(Object(value['theta']))) === JSON.stringify(Object.keys(Object(theta)))

/** The lesson of a checkpoint, if it is this one. */
const saved = (folder: string, lesson: Lesson): Learning => {
  const file = fileIn(folder)
  const refuse = (sentence: string): Failure => new Failure('bad checkpoint', `--resume: '${file}' ${sentence}`)
  if (!existsSync(file)) throw refuse('is not there; needs a folder that --checkpoint has written')
  const first = lessonFrom(lesson)
  const found = pipe(
    unseal(readFileSync(file, 'utf8')),
    E.filterOrElse(isPlainObject, () => 'lacks the fields of a training'),
    E.filterOrElse(
      ({ identity }) => identity === identityOf(lesson),
      () => 'is of another lesson, seed, recipe or version',
    ),
    E.map(({ learning }) => learning),
    E.filterOrElse(
      (learning): learning is Learning => isLearning(learning, first),
      () => 'lacks the fields of a training',
    ),
  )
  if (E.isLeft(found)) throw refuse(found.left)
  return found.right
}

/** The training that a lesson begins or goes on with. */
const beginning = (lesson: Lesson, { checkpoint, resume = false }: LessonRun): Learning => {
  if (checkpoint === undefined && resume) throw misunderstood('--resume: got no folder; needs --checkpoint with it')
  if (checkpoint === undefined) return lessonFrom(lesson)
  if (resume) return saved(checkpoint, lesson)
  if (existsSync(fileIn(checkpoint)))
    throw misunderstood(`--checkpoint: got '${checkpoint}', which holds a training; needs --resume, or another folder`)
  return lessonFrom(lesson)
}

type Outcome = ReturnType<Work<unknown, Runs>>

/** Threads, or this process where one worker is enough. */
const executorOf = (
  lesson: Lesson,
  workers: number,
): { readonly run: Executor<Order<unknown, Runs>, Outcome>; readonly close: () => Promise<void> } =>
  workers === 1
    ? { run: inProcess(lessonWork(lesson)), close: async () => undefined }
    : threads({ module: workshopModule, data: nameOf(lesson), count: workers })

/**
 * Carries out a lesson; `watch` sees it after each update. Stops early, with the checkpoint written, when the user
 * interrupts.
 */
export const runLesson = async (
  lesson: Lesson,
  options: LessonRun,
  { clock, onInterrupt }: Pick<Surroundings, 'clock' | 'onInterrupt'>,
  watch: (learning: Learning) => void,
): Promise<{ readonly learning: Learning; readonly interrupted: boolean }> => {
  let learning = beginning(lesson, options)
  const plan = planOf(lesson)
  const executor = executorOf(lesson, options.workers)
  let [interrupted, due] = [false, clock() + checkpointInterval]
  const stopListening = onInterrupt(() => {
    interrupted = true
  })
  const save = (): void => {
    if (options.checkpoint !== undefined)
      replaceFile('checkpoint', fileIn(options.checkpoint), seal({ identity: identityOf(lesson), learning }))
  }
  try {
    for await (learning of train(plan, executor.run, learning)) {
      watch(learning)
      if (clock() >= due) {
        save()
        due = clock() + checkpointInterval
      }
      await new Promise(setImmediate) // for Ctrl-C to be heard
      if (interrupted) break
    }
    save()
  } finally {
    stopListening()
    await executor.close()
  }
  return { learning, interrupted: interrupted && learning.episode < plan.episodes }
}
