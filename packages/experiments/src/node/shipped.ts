/** The files of this package: trained parameters, and what the long experiment has found. */
import { readFileSync } from 'node:fs'
import { decodeWeights, type Weights } from '@secant/policy'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Taught } from '../cwss/contender.ts'
import { lessonOn } from '../cwss/experiment.ts'
import { decodeFindings, type Findings } from '../cwss/result.ts'
import { type Subject, subjects } from '../cwss/subject.ts'
import { type Lesson, lessonFrom } from '../cwss/training.ts'

const readText = (file: string): E.Either<string, string> =>
  E.tryCatch(
    () => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'),
    () => `${file} is not here`,
  )

/** Parameters of a lesson from their text, or a sentence that tells what is wrong. */
export const readLesson = (lesson: Lesson, text: string): E.Either<string, Weights<unknown>> =>
  decodeWeights(lesson.variant.policy.name, lessonFrom(lesson).theta, text)

/** The parameters of CWSS that this package brings along for a subject, trained from seed 1. */
export const shippedWeights = (subject: Subject): E.Either<string, Taught> => {
  const lesson = lessonOn(subject)
  const file = `weights/cwss/${subject.name}.json`
  return pipe(
    readText(file),
    E.chain((text) =>
      pipe(
        readLesson(lesson, text),
        E.mapLeft((what) => `${file} ${what}`),
      ),
    ),
    E.map(({ theta }) => ({ lesson, theta })),
  )
}

/** All of them. */
export const allShippedWeights = (): E.Either<string, readonly Taught[]> => E.traverseArray(shippedWeights)(subjects)

/** What the long experiment found, when it was last run for this package. */
export const longFindings = (): E.Either<string, Findings> =>
  pipe(
    readText('results/cwss.json'),
    E.chain((text) =>
      pipe(
        decodeFindings(text),
        E.mapLeft((what) => `results/cwss.json ${what}`),
      ),
    ),
  )
