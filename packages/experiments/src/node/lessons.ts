import { tinyCnnFamily } from '@secant/problems'
import { readMnist } from '@secant/problems/node'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { ablations, lstm, type Variant } from '../cwss/policy.ts'
import { type Recipe, type Subject, subjects, tinyCnn } from '../cwss/subject.ts'
import type { Lesson } from '../cwss/training.ts'

/** A lesson as plain data: what threads are told and files say. */
export interface LessonName {
  readonly subject: string
  readonly variant: string
  readonly recipe: Recipe
  readonly seed: number
}

export const nameOf = ({ subject, variant, recipe, seed }: Lesson): LessonName => ({
  subject: subject.name,
  variant: variant.name,
  recipe,
  seed,
})

/** All that the LSTM can be exchanged for, itself among them, by name. */
export const variants: ReadonlyMap<string, Variant> = new Map(
  [lstm, ...ablations].map((variant) => [variant.name, variant]),
)

/** Subjects by name; the last one reads digits from files. */
export const loadSubjects: ReadonlyMap<string, () => E.Either<string, Subject>> = new Map([
  ...subjects.map((subject) => [subject.name, () => E.right(subject)] as const),
  [
    'tiny-cnn',
    () =>
      pipe(
        readMnist(1000),
        E.bimap(
          (error) => (error.kind === 'missing' ? `${error.file} is not here` : `${error.where} is malformed`),
          ({ images, labels }) => tinyCnn(tinyCnnFamily({ images, labels })),
        ),
      ),
  ] as const,
])

/** The lesson behind its name, or what of it is not known. */
export const lessonNamed = ({ subject, variant, recipe, seed }: LessonName): E.Either<string, Lesson> => {
  const [load, known] = [loadSubjects.get(subject), variants.get(variant)]
  if (load === undefined) return E.left(`family '${subject}' is not known`)
  if (known === undefined) return E.left(`variant '${variant}' is not known`)
  return pipe(
    load(),
    E.map((found) => ({ subject: found, variant: known, recipe, seed })),
  )
}
