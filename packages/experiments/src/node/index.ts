export { type LessonName, lessonNamed, loadSubjects, nameOf, variants } from './lessons.ts'
export { allShippedWeights, longFindings, readLesson, shippedWeights } from './shipped.ts'

/** The module that worker threads import to carry out lessons. */
export const workshopModule: URL = new URL('./workshop.js', import.meta.url)
