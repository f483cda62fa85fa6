// A run that is saved as JSON on its way and goes on from there to the same bits.
import {
  type Counts,
  type Descent,
  descend,
  iterates,
  lbfgs,
  objectiveOf,
  type Pairs,
  resume,
  run,
  strongWolfe,
} from '@secant/optim'
import { rosenbrock } from '@secant/problems'

const problem = rosenbrock(10)
const { objective, start } = objectiveOf(problem.objective, problem.start)
const method = descend(lbfgs({ memory: 5 }), strongWolfe())

// JSON knows neither typed arrays nor −0.
const exact = (a: number): number | string => (Object.is(a, -0) ? '-0' : a)
const save = (_: string, value: unknown): unknown =>
  value instanceof Float64Array ? { float64: Array.from(value, exact) } : value
const load = (_: string, value: { readonly float64?: readonly (number | string)[] } | null): unknown =>
  value?.float64 === undefined ? value : Float64Array.from(value.float64, Number)

let saved = ''
for (const { state, counts } of iterates(objective, method, start)) {
  if (counts.iterations < 20) continue
  saved = JSON.stringify({ state, counts }, save)
  break
}

// Later, perhaps elsewhere:
const { state, counts }: { readonly state: Descent<Pairs>; readonly counts: Counts } = JSON.parse(saved, load)
counts.iterations // => 20

const rest = resume(objective, method, state, {}, counts)
let turn = rest.next()
while (!turn.done) turn = rest.next()

const whole = run(objective, method, start)
whole.counts // => turn.value.counts
JSON.stringify(whole.state, save) === JSON.stringify(turn.value.state, save) // => true
