import { type Lesson, typicalLoss } from '@secant/experiments'
import { lessonNamed, loadSubjects, nameOf } from '@secant/experiments/node'
import { encodeWeights } from '@secant/policy'
import * as E from 'fp-ts/lib/Either.js'
import type { ExitReason } from './exit-codes.ts'
import { Failure, misunderstood } from './failure.ts'
import { checkPlace, replaceFile, saveFile } from './files.ts'
import { type Learning, runLesson } from './lesson-run.ts'
import { lossSpec } from './loss-plot.ts'
import { drawSvg } from './plots.ts'
import { statusLine } from './status-line.ts'
import type { Surroundings } from './surroundings.ts'

/** What the command line says. */
export interface TrainOptions {
  readonly family: string
  readonly variant: string
  readonly seed: number
  readonly episodes?: number
  readonly lambda?: number
  readonly workers: number
  readonly checkpoint?: string
  readonly resume?: true
  readonly out: string
  readonly plot?: string
}

const lessonOf = ({ family, variant, seed, episodes, lambda }: TrainOptions): Lesson => {
  const subject = loadSubjects.get(family)?.() ?? E.left(`family '${family}' is not known`)
  if (E.isLeft(subject)) throw new Failure('failed', `--family ${family}: ${subject.left}`)
  const recipe = {
    ...subject.right.recipe,
    ...(episodes === undefined ? {} : { episodes }),
    ...(lambda === undefined ? {} : { lambda }),
  }
  const lesson = lessonNamed({ subject: family, variant, recipe, seed })
  if (E.isLeft(lesson)) throw misunderstood(lesson.left)
  return lesson.right
}

/** The parameters of a lesson as a file, and how they came about. */
export const weightsOf = (lesson: Lesson, { theta, updates, dropped }: Learning): string => {
  const { recipe, ...name } = nameOf(lesson)
  return encodeWeights(lesson.variant.policy.name, theta, { ...name, ...recipe, updates, dropped })
}

const clockTime = (seconds: number): string => {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)]
  return `${minutes}:${String(rest).padStart(2, '0')}`
}

/** The last losses in one number. */
const recentLoss = (losses: readonly number[]): string => typicalLoss(losses.slice(-60))?.toFixed(4) ?? '–'

/** Tells how far a lesson has come, and how long it will take. */
export const progressOf = (
  { recipe: { episodes, steps } }: Lesson,
  clock: Surroundings['clock'],
  tell: (text: string) => void,
): ((learning: Learning) => void) => {
  const began = clock()
  let firstUpdate: number | undefined
  return ({ updates, losses, dropped, episode, stretch }) => {
    const done = episode * steps + stretch
    firstUpdate ??= done - 1
    const left = ((clock() - began) / (done - firstUpdate)) * (episodes * steps - done)
    tell(
      `update ${updates} of ${episodes * steps}  loss ${recentLoss(losses)}  dropped ${dropped}  ${clockTime(left)} left`,
    )
  }
}

/** Trains a policy and writes its parameters. Fails (rejects) with one sentence. */
export const trainCwss = async (options: TrainOptions, surroundings: Surroundings): Promise<ExitReason> => {
  if (options.workers === 0) throw misunderstood('--workers: got 0; needs a whole number from 1')
  const { out, clock } = surroundings
  const lesson = lessonOf(options)
  checkPlace('parameters', options.out)
  if (options.plot !== undefined) checkPlace('plot', options.plot)
  const live = statusLine(out)
  const began = clock()
  const show = progressOf(lesson, clock, (text) => live.show(clock(), text))
  const { learning, interrupted } = await runLesson(lesson, options, surroundings, show).finally(live.clear)
  const seconds = clock() - began
  out.write(
    `${lesson.variant.title} on ${lesson.subject.title}, seed ${lesson.seed}: ${learning.updates} updates, loss ${recentLoss(learning.losses)}, ${learning.dropped} problems dropped, ${clockTime(seconds)}\n`,
  )
  if (interrupted) return 'interrupted'
  replaceFile('parameters', options.out, weightsOf(lesson, learning))
  if (options.plot !== undefined)
    saveFile('plot', options.plot, await drawSvg(lossSpec(lesson.subject.title, learning.losses)))
  out.write(`parameters: ${options.out}\n`)
  return 'done'
}
