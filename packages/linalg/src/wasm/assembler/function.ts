import {
  asCode,
  type Callee,
  type Code,
  code,
  type Local,
  local,
  type Operand,
  type ResultType,
  type ValueType,
  variableOf,
} from './code.ts'

/** Names and types of parameters, in order. */
export type Params = Readonly<Record<string, ValueType>>

/** What a module can export, or reach through calls. */
export interface Linked {
  readonly callee: Callee
}

/** A function: its arguments are given by name inside WebAssembly, by position from JavaScript. */
export interface Func<P extends Params, R extends ResultType> extends Linked {
  readonly call: (args: { readonly [K in keyof P]: Operand<P[K]> }) => Code<R>
}

const callable = <P extends Params, R extends ResultType>(params: P, callee: Callee): Func<P, R> => ({
  callee,
  call: (args) =>
    code(
      callee.result as R,
      ...Object.entries(params).map(([name, type]) => asCode(type, args[name] as Operand<ValueType>)),
      0x10,
      callee,
    ),
})

/**
 * A function. Its body is written anew for every module that reaches it, so that functions are plain values which any
 * module can link: calling one is enough.
 *
 * @example
 * const square = func('square', { x: 'f64' }, 'f64', ({ x }) => f64.mul(x, x))
 * const fourth = func('fourth', { x: 'f64' }, 'f64', ({ x }) => square.call({ x: square.call({ x }) }))
 * instantiate(encodeModule({ fourth })).functions['fourth']?.(3) // => 81
 */
export const func = <const P extends Params, R extends ResultType>(
  name: string,
  params: P,
  result: R,
  body: (params: { readonly [K in keyof P]: Local<P[K]> }) => Code<R>,
): Func<P, R> =>
  callable(params, {
    kind: 'function',
    name,
    params: Object.values(params),
    result,
    expand: () => {
      const locals = Object.entries(params).map(([key, type]) => [key, local(type)] as const)
      return {
        params: locals.map(([, it]) => variableOf(it)),
        code: body(Object.fromEntries(locals) as unknown as { readonly [K in keyof P]: Local<P[K]> }),
      }
    },
  })

/** A function that the host provides under `env` by this name. */
export const importedFunc = <const P extends Params, R extends ResultType>(
  name: string,
  params: P,
  result: R,
): Func<P, R> => callable(params, { kind: 'function', name, params: Object.values(params), result, expand: undefined })
