/** The parameters that an experiment measures: those of the package, or those of lessons that are carried out now. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Learned,
  type Lesson,
  learnedFrom,
  lessonLabel,
  lessonOn,
  lessonsOf,
  type Subject,
  type Taught,
} from '@secant/experiments'
import { loadSubjects, shippedWeights } from '@secant/experiments/node'
import * as E from 'fp-ts/lib/Either.js'
import { Failure, misunderstood } from './failure.ts'
import { replaceFile } from './files.ts'
import { runLesson } from './lesson-run.ts'
import { statusLine } from './status-line.ts'
import type { Surroundings } from './surroundings.ts'
import { progressOf, weightsOf } from './train.ts'

/** What was learned, by which lessons. */
export interface Schooling {
  readonly taught: readonly Taught[]
  readonly learned: readonly Learned[]
  readonly interrupted: boolean
}

/** The parameters that come with the package, of the families that were asked for. */
export const shippedSchooling = (families: readonly Subject[]): Schooling => {
  const taught = families.map((subject) => {
    const found = shippedWeights(subject)
    if (E.isLeft(found)) throw new Failure('failed', `--quick: ${found.left}`)
    return found.right
  })
  return { taught, learned: [], interrupted: false }
}

/** The tiny network on digits, where the digits are here. */
export const tinyCnnHere = (): Subject | undefined => {
  const found = loadSubjects.get('tiny-cnn')?.()
  return found !== undefined && E.isRight(found) ? found.right : undefined
}

export interface SchoolingOptions {
  readonly checkpoint: string
  readonly seeds: number
  readonly workers: number
  readonly episodes?: number
  /** Leaves out what is not finished, rather than train it. */
  readonly finished?: boolean
}

/** Whether a folder holds the parameters of a lesson that came to its end. */
const isFinished = (folder: string): boolean =>
  (statSync(join(folder, 'weights.json'), { throwIfNoEntry: false })?.size ?? 0) > 0

/** The lessons of the long form on some families. */
const plannedLessons = (
  families: readonly Subject[],
  { checkpoint, seeds, episodes, finished = false }: SchoolingOptions,
): readonly Lesson[] => {
  const names = new Set(families.map(({ name }) => name))
  const others = families.filter(({ name }) => name === 'tiny-cnn').map((subject) => lessonOn(subject))
  const lessons = [...lessonsOf(seeds).filter(({ subject }) => names.has(subject.name)), ...others].filter(
    (lesson) => !finished || isFinished(join(checkpoint, lessonLabel(lesson))),
  )
  return episodes === undefined
    ? lessons
    : lessons.map((lesson) => ({ ...lesson, recipe: { ...lesson.recipe, episodes } }))
}

/**
 * Carries out lesson after lesson, each with a checkpoint and its parameters in a folder of its own; those that are
 * there already are gone on with, and finished ones only read.
 */
export const carriedOut = async (
  families: readonly Subject[],
  options: SchoolingOptions,
  surroundings: Surroundings,
): Promise<Schooling> => {
  const lessons = plannedLessons(families, options)
  if (lessons.length === 0)
    throw misunderstood(`--finished: got '${options.checkpoint}' without finished trainings; needs one or more`)
  const taught: Taught[] = []
  const learned: Learned[] = []
  for (const [i, lesson] of lessons.entries()) {
    const checkpoint = join(options.checkpoint, lessonLabel(lesson))
    const resume = existsSync(join(checkpoint, 'training.jsonl'))
    const live = statusLine(surroundings.out)
    const show = progressOf(lesson, surroundings.clock, (text) =>
      live.show(surroundings.clock(), `lesson ${i + 1} of ${lessons.length}, ${lessonLabel(lesson)}: ${text}`),
    )
    const run = { checkpoint, resume, workers: options.workers }
    const { learning, interrupted } = await runLesson(lesson, run, surroundings, show).finally(live.clear)
    if (interrupted) return { taught, learned, interrupted }
    replaceFile('parameters', join(checkpoint, 'weights.json'), weightsOf(lesson, learning))
    taught.push({ lesson, theta: learning.theta })
    learned.push(learnedFrom(lesson, learning))
    surroundings.out.write(
      `${lessonLabel(lesson)}: ${learning.updates} updates, ${learning.dropped} problems dropped\n`,
    )
  }
  return { taught, learned, interrupted: false }
}
