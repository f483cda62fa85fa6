/**
 * A user's module and this command must share one copy of `@secant/autodiff`: the objective's operations ask the
 * interpreter of the copy they came from, and only one of them differentiates. So whatever imports `@secant/NAME`
 * is given the packages that this command itself would import, also where none are installed.
 */
import * as nodeModule from 'node:module'

interface ResolveContext {
  readonly parentURL?: string | undefined
}

/** Node's hook for finding modules; it serves both ways of registering it. */
export const resolve = <A>(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => A,
): A => next(specifier, specifier.startsWith('@secant/') ? { ...context, parentURL: import.meta.url } : context)

/** What Node has since 22.15 instead of `register`, which it deprecates. */
interface WithSynchronousHooks {
  readonly registerHooks?: (hooks: { readonly resolve: typeof resolve }) => unknown
}

/** From here on, imports of `@secant/NAME` find this command's own packages. */
export const shareOwnPackages = (): void => {
  const { register, registerHooks } = nodeModule as typeof nodeModule & WithSynchronousHooks
  if (registerHooks === undefined) register(import.meta.url)
  else registerHooks({ resolve })
}
