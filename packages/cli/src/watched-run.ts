import { maxAbs } from '@secant/linalg'
import type { Iterate, Run } from '@secant/optim'
import { lastStep } from '@secant/verify'
import type { Sample } from './compare.ts'
import type { Surroundings } from './surroundings.ts'

/** Why a run was asked to stop. */
export type Request = 'interrupted' | 'out of time'

/** A run that was let go to its end. */
export interface Watched {
  readonly run: Run<unknown>
  readonly seconds: number
  /** What made it stop, where that was a request. */
  readonly request: Request | undefined
}

/** Seconds of work between two looks at what happens outside, such as Ctrl-C. */
const breath = 0.05

const sampleOf = ({ point, counts, state }: Iterate<unknown>, seconds: number): Sample => ({
  k: counts.iterations,
  evaluations: counts.evaluations,
  seconds,
  value: point.value,
  gradientNorm: maxAbs(point.grad),
  alpha: lastStep(state)?.alpha,
})

/**
 * Lets a run go on until it ends, time is up or the user interrupts; the clock stands still while iterates are being
 * looked at. `secondsBefore` is what the run had taken when it was saved.
 */
export const watchRun = async (
  begin: (stop: () => boolean) => Generator<Iterate<unknown>, Run<unknown>>,
  onIterate: (iterate: Iterate<unknown>, sample: Sample) => void,
  { clock, onInterrupt }: Pick<Surroundings, 'clock' | 'onInterrupt'>,
  { maxSeconds, secondsBefore }: { readonly maxSeconds: number; readonly secondsBefore: number },
): Promise<Watched> => {
  let interrupted = false
  let request: Request | undefined
  let [seconds, started] = [secondsBefore, clock()]
  const elapsed = (): number => seconds + clock() - started
  const stop = (): boolean => {
    request = interrupted ? 'interrupted' : elapsed() >= maxSeconds ? 'out of time' : undefined
    return request !== undefined
  }
  const stopListening = onInterrupt(() => {
    interrupted = true
  })
  try {
    const run = begin(stop)
    let breathed = Number.NEGATIVE_INFINITY
    for (let turn = run.next(); ; turn = run.next()) {
      seconds = elapsed()
      if (turn.done) return { run: turn.value, seconds, request }
      onIterate(turn.value, sampleOf(turn.value, seconds))
      if (clock() - breathed >= breath) {
        await new Promise(setImmediate)
        breathed = clock()
      }
      started = clock()
    }
  } finally {
    stopListening()
  }
}
