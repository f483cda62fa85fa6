import { evaluate, evaluator, interpretWith, type Program } from '@secant/autodiff'
import { isTensor, type Tensor } from '@secant/linalg'
import { hasRelaxedSimd } from '@secant/linalg/wasm'
import { blockOf } from './block.ts'
import { type Emitted, emitted, linked, type Signature } from './javascript.ts'
import { living } from './living.ts'
import { type Stage, simplified } from './simplify.ts'
import { always, worthwhile } from './wasm-block.ts'

declare const performance: { readonly now: () => number }

/**
 * Programs in WebAssembly. Each has a memory and a module, which take 7 mappings of the 65,530 that a process has under
 * Linux; an engine that gets no more of them collects all its garbage several times before it says so.
 */
const inWasm = /* @__PURE__ */ living(4096)

/**
 * What a program becomes. `javascript` gives the bits of the evaluator; `webassembly` has its own exp, log, tanh, sin
 * and cos, and sums of matrix-vector products in another order. `automatic` is WebAssembly for programs of some size.
 * Where an engine has none, or no memory for one more, and beside 4096 others that are alive, JavaScript does it all.
 */
export type Target = 'automatic' | 'javascript' | 'webassembly'

export interface CompileOptions {
  readonly target?: Target
  /** Up to how many entries a value is kept in variables, one for each; found by the length of the code if not given. */
  readonly unrolled?: number | undefined
  /**
   * Whether products of matrices in WebAssembly may be rounded once with the sum, where the engine can: faster, but
   * results differ between machines.
   */
  readonly relaxed?: boolean
}

export type Run = (inputs: readonly Tensor[]) => readonly Tensor[]

/** A program that is ready to run. */
export interface Compiled<F = Run> {
  /** Results are freshly allocated, but for inputs that are handed on and those that are donated. */
  readonly run: F
  /** What runs it. */
  readonly target: 'javascript' | 'webassembly' | 'evaluator'
  readonly stages: readonly Stage[]
  readonly emitted: Emitted
  /** How long compiling took. */
  readonly milliseconds: number
}

/** A signature, and what is called by a list of the inputs where generated code is not allowed, or is running already. */
export interface Calling<A> extends Signature {
  readonly again: (run: Run) => (inputs: readonly A[]) => unknown
}

const listToList: Calling<Tensor> = {
  isList: true,
  numbers: new Set(),
  returned: (results) => `[${results.join(', ')}]`,
  again: (run) => run,
}

/**
 * Compiles a program. Where generated code is not allowed, the evaluator runs the simplified program. Results may be
 * written into the inputs with the numbers in `donated`.
 */
export const compileProgram = (
  program: Program,
  options: CompileOptions = {},
  donated: readonly number[] = [],
): Compiled => compiledFor(listToList, program, options, donated) as Compiled

/** A program that is called in a way of its own: by a list of its inputs, or with each as an argument. */
export const compiledFor = <A>(
  calling: Calling<A>,
  program: Program,
  { target = 'automatic', unrolled, relaxed = false }: CompileOptions,
  donated: readonly number[],
): Compiled<(...inputs: never[]) => unknown> =>
  interpretWith(evaluator, () => {
    const start = performance.now()
    const stages = simplified(program)
    const last = (stages.at(-1) as Stage).program
    const block = blockOf(last, { unrolled })
    const limits = { javascript: undefined, webassembly: always, automatic: worthwhile }[target]
    const inWasmCode = limits && inWasm.hasRoom() ? { ...limits, relaxed: relaxed && hasRelaxedSimd() } : undefined
    const wanted = emitted(block, calling, inWasmCode, donated)
    const hasWasm = Object.keys(wanted.functions).length > 0
    const constants = new Set(last.outputs.filter(isTensor))
    const again = calling.again((inputs) =>
      (evaluate(last)(inputs) as readonly Tensor[]).map((result) =>
        constants.has(result) ? ({ ...result, data: result.data.slice() } as Tensor) : result,
      ),
    )
    const first = attempted(() => linked(wanted, again))
    const code = first === undefined && hasWasm ? emitted(block, calling, undefined, donated) : wanted
    const generated = first ?? (hasWasm ? attempted(() => linked(code, again)) : undefined)
    const evaluated = calling.isList ? again : (...inputs: readonly A[]): unknown => again(inputs)
    if (first !== undefined && hasWasm) inWasm.enter(first)
    const reached = generated === undefined ? 'evaluator' : code.source.includes('wasm.') ? 'webassembly' : 'javascript'
    const milliseconds = performance.now() - start
    return { run: generated ?? evaluated, target: reached, stages, emitted: code, milliseconds }
  })

/** What is made, or nothing where the engine does not allow it; a mistake in the code itself is told. */
const attempted = <A>(make: () => A): A | undefined => {
  try {
    return make()
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ReferenceError) throw error
    return undefined
  }
}
