export { type LessonName, lessonNamed, loadSubjects, nameOf, variants } from './lessons.ts'
export { allShippedWeights, longFindings, readLesson, shippedWeights } from './shipped.ts'

/** URL of the module that worker threads import to carry out lessons. */
export const workshopModule: string = new URL('./workshop.js', import.meta.url).href
