import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AsyncObjective } from './drive.ts'
import type { Pairs } from './lbfgs.ts'
import type { Descent, Method } from './method.ts'
import { defaultMethod, type Solution } from './minimize.ts'
import { type AsyncMinimizable, asyncObjectiveOf } from './objective.ts'
import type { Iterate, Run, RunOptions } from './run.ts'
import { type Interrupted, runAsync } from './run-async.ts'

/** How a run that answers later goes; `from` is where an interrupted one stood. */
export interface AsyncRunOptions<F, S> extends RunOptions {
  readonly from?: Iterate<S> | undefined
  /** Products with an inverse Hessian that is kept elsewhere, for `descendByProducts`: `residentInverse(scope)`. */
  readonly product?: AsyncObjective<F>['product']
}

const solve =
  <F, X, S>(
    method: Method<S>,
    f: AsyncMinimizable<F, X>,
    x0: X,
    { from, product, ...options }: AsyncRunOptions<F, S>,
  ): TaskEither<Interrupted<F, S>, Solution<X, S>> =>
  async () => {
    const { objective, start, toTree } = asyncObjectiveOf(f, x0)
    const ended = await runAsync({ ...objective, product }, method, from ?? start, options)()
    return E.map((run: Run<S>) => ({ ...run, x: toTree(run.best.x) }))(ended)
  }

/**
 * `minimize` for an objective that answers later, such as one on a device: the same methods, the same code. Fails
 * (Left) with the first measurement that fails; the iterate in it, given as `from`, lets the run go on elsewhere.
 *
 * @example
 * const later = (x: Value) => async () => ({ _tag: 'Right', right: [square(x), mul(2, x)] }) as const
 * const solution = await minimizeAsync(later, scalar(3))()
 * solution._tag === 'Right' && solution.right.x // => scalar(0)
 */
export function minimizeAsync<F, X>(
  f: AsyncMinimizable<F, X>,
  x0: X,
  options?: AsyncRunOptions<F, Descent<Pairs>>,
): TaskEither<Interrupted<F, Descent<Pairs>>, Solution<X, Descent<Pairs>>>
export function minimizeAsync<F, X, S>(
  f: AsyncMinimizable<F, X>,
  x0: X,
  options: AsyncRunOptions<F, S> & { readonly method: Method<S> },
): TaskEither<Interrupted<F, S>, Solution<X, S>>
export function minimizeAsync<F, X, S>(
  f: AsyncMinimizable<F, X>,
  x0: X,
  { method, ...options }: AsyncRunOptions<F, S & Descent<Pairs>> & { readonly method?: Method<S> } = {},
): TaskEither<Interrupted<F, S | Descent<Pairs>>, Solution<X, S | Descent<Pairs>>> {
  return method === undefined ? solve(defaultMethod, f, x0, options) : solve(method, f, x0, options)
}
