import { lbfgs, type Pairs } from './lbfgs.ts'
import type { Method } from './method.ts'
import { type Descent, descend } from './method.ts'
import { type Minimizable, type ObjectiveOptions, objectiveOf } from './objective.ts'
import { type Run, type RunOptions, run } from './run.ts'
import { strongWolfe } from './strong-wolfe.ts'

/** The end of a minimization: the best parameters found, nested as the start was, and the run behind them. */
export interface Solution<X, S> extends Run<S> {
  readonly x: X
}

/** L-BFGS with a strong Wolfe search: the method used where none is named. */
export const defaultMethod: Method<Descent<Pairs>> = descend(lbfgs(), strongWolfe())

/** How to run, and whether the function is compiled. */
export type MinimizeOptions = RunOptions & ObjectiveOptions

const solve = <X, S>(
  method: Method<S>,
  f: Minimizable<X>,
  x0: X,
  { compile = false, ...options }: MinimizeOptions,
): Solution<X, S> => {
  const { objective, start, toTree } = objectiveOf(f, x0, { compile })
  const ended = run(objective, method, start, options)
  return { ...ended, x: toTree(ended.best.x) }
}

/**
 * Minimizes a function of a tree of parameters, by L-BFGS or a method of one's own. Fails (throws) on a mistake in
 * the call; everything about the numbers is in `outcome`.
 *
 * @example
 * const solution = minimize((x: { a: Operand }) => square(sub(x.a, 3)), { a: 0 })
 * solution.x // => { a: 3 }
 */
export function minimize<X>(f: Minimizable<X>, x0: X, options?: MinimizeOptions): Solution<X, Descent<Pairs>>
export function minimize<X, S>(
  f: Minimizable<X>,
  x0: X,
  options: MinimizeOptions & { readonly method: Method<S> },
): Solution<X, S>
export function minimize<X, S>(
  f: Minimizable<X>,
  x0: X,
  { method, ...options }: MinimizeOptions & { readonly method?: Method<S> } = {},
): Solution<X, S> | Solution<X, Descent<Pairs>> {
  return method === undefined ? solve(defaultMethod, f, x0, options) : solve(method, f, x0, options)
}
