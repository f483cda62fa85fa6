import {
  bent,
  compete,
  contenders,
  gainOf,
  leastSquares,
  lessonOn,
  logistic,
  logSumExp,
  observe,
  reference,
  stiffLeastSquares,
  testProblems,
  unguarded,
  withGuard,
} from './dist/index.js'
import { shippedWeights } from './dist/node/index.js'

const clock = () => performance.now() / 1000
for (const s of [leastSquares, stiffLeastSquares, logistic, logSumExp, bent]) {
  const t = shippedWeights(s)
  if (t._tag === 'Left') {
    console.log(t.left)
    continue
  }
  const rows = []
  const b = clock()
  for (const r of compete(
    { subject: s, n: 30, problems: 32, contenders: [reference, unguarded(t.right), withGuard(t.right)] },
    clock,
  )) {
    rows.push(r)
    const { reached, ...x } = r.summary
    console.log(
      s.name,
      r.title,
      reached.map(({ iterations, evaluations, runs }) => `${iterations}/${evaluations}/${runs}`).join('  '),
      x,
      gainOf(r, rows),
    )
  }
  console.log(clock() - b)
  const o = observe(t.right.lesson.variant.policy.direction(t.right.theta), testProblems(s, 1)[0])
  console.log(o.filter((_, i) => i % 10 === 0))
}
