/** What theorems look at: a trace as vectors and the quantities that many of them share, each computed once. */
import { dot, fromData, norm, sub } from '@secant/linalg'
import type { Point } from '@secant/optim'
import { type Constants, resolveConstants } from './constants.ts'
import type { Known } from './known.ts'
import { type Lazy, lazily } from './lazily.ts'
import { type Replay, replayBfgs } from './replay.ts'
import type { StepView } from './step-view.ts'
import type { Trace, TraceHeader } from './trace.ts'

export interface RunView {
  readonly header: TraceHeader
  readonly known: Known
  readonly n: number
  /** The number of the first iterate. */
  readonly first: number
  readonly points: readonly Point[]
  readonly steps: readonly StepView[]
  /** L, mu and the minimum, with how each is known. */
  readonly constants: Constants
  /** An error of values that is allowed for: some roundoffs of the largest value of the run. */
  readonly valueRounding: number
  /** Gaps below this say more about rounding than about the method, and are not compared. */
  readonly gapFloor: number
  /** The matrices of BFGS along this run. */
  readonly replay: Lazy<Replay | undefined>
}

const pointsOf = ({ iterates }: Trace): readonly Point[] =>
  iterates.map(({ x, f, g }) => ({
    x: fromData(Float64Array.from(x)),
    value: f,
    grad: fromData(Float64Array.from(g)),
  }))

const stepsOf = ({ iterates }: Trace, points: readonly Point[]): readonly StepView[] => {
  const steepest = points.reduce((top, { grad }) => Math.max(top, norm(grad)), 0)
  return iterates.slice(0, -1).map(({ k, d, alpha, p }, i) => {
    const [from, to] = [points[i] as Point, points[i + 1] as Point]
    const [s, y] = [sub(to.x, from.x), sub(to.grad, from.grad)]
    const [ss, gg, slope0] = [dot(s, s), dot(from.grad, from.grad), dot(from.grad, s)]
    return {
      k,
      from,
      to,
      s,
      y,
      ss,
      sy: dot(s, y),
      yy: dot(y, y),
      gg,
      slope0,
      slope: dot(to.grad, s),
      settled: Math.sqrt(gg) <= 1e-9 * steepest,
      cos2: (slope0 / (norm(from.grad) * norm(s))) ** 2,
      ...(d === undefined ? {} : { direction: fromData(Float64Array.from(d)) }),
      ...(alpha === undefined ? {} : { alpha }),
      ...(p === undefined ? {} : { p: fromData(Float64Array.from(p)) }),
    }
  })
}

const magnitudeOf = (points: readonly Point[], minimum: number | undefined): number =>
  points.reduce(
    (top, { value }) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top),
    Math.abs(minimum ?? 0),
  )

/** A trace as theorems look at it. */
export const viewOf = (trace: Trace, known: Known = {}): RunView => {
  const points = pointsOf(trace)
  const steps = stepsOf(trace, points)
  const constants = resolveConstants(trace.header, known, points, steps)
  const magnitude = magnitudeOf(points, constants.minimum?.value)
  return {
    header: trace.header,
    known,
    n: trace.header.n,
    first: trace.iterates[0]?.k ?? 0,
    points,
    steps,
    constants,
    valueRounding: 64 * 2 ** -52 * magnitude,
    gapFloor: 1e-9 * magnitude,
    replay: lazily(() => replayBfgs(steps, trace.header.n, known.initialInverse)),
  }
}
