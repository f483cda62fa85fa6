/** What a worker thread imports: the work of the lesson that it is told by name. */
import type { Order, Work } from '@secant/policy'
import type { Workshop } from '@secant/policy/node'
import * as E from 'fp-ts/lib/Either.js'
import { lessonWork, type Runs } from '../cwss/training.ts'
import { type LessonName, lessonNamed } from './lessons.ts'

const workshop: Workshop<Order<unknown, Runs>, ReturnType<Work<unknown, Runs>>> = (data) => {
  const lesson = lessonNamed(data as LessonName)
  if (E.isLeft(lesson)) throw new Error(`workshop: got a lesson whose ${lesson.left}; needs one of this version`)
  return lessonWork(lesson.right)
}

export default workshop
