import { evaluate, evaluator, interpretWith, type Program } from '@secant/autodiff'
import type { Tensor } from '@secant/linalg'
import { blockOf } from './block.ts'
import { type Emitted, javascriptOf, linkedJavascript, type Run } from './javascript.ts'
import { type Stage, simplified } from './simplify.ts'

declare const performance: { readonly now: () => number }

/** A program that is ready to run. */
export interface Compiled {
  /** Results are freshly allocated, but for inputs and constants that are handed on. */
  readonly run: Run
  /** What runs it. */
  readonly target: 'javascript' | 'evaluator'
  readonly stages: readonly Stage[]
  readonly emitted: Emitted
  /** How long compiling took. */
  readonly milliseconds: number
}

export interface CompileOptions {
  /** Up to how many entries a value is kept in variables, one for each; found by the length of the code if not given. */
  readonly unrolled?: number
}

/** Compiles a program. Where generated code is not allowed, the evaluator runs the simplified program. */
export const compileProgram = (program: Program, { unrolled }: CompileOptions = {}): Compiled =>
  interpretWith(evaluator, () => {
    const start = performance.now()
    const stages = simplified(program)
    const last = (stages.at(-1) as Stage).program
    const emitted = javascriptOf(blockOf(last, { unrolled }))
    const generated = attempted(() => linkedJavascript(emitted))
    const evaluated: Run = (inputs) => evaluate(last)(inputs) as readonly Tensor[]
    let isRunning = false
    const run: Run = (inputs) => {
      // An operation's own code may come back here while the arena is in use.
      if (generated === undefined || isRunning) return evaluated(inputs)
      isRunning = true
      try {
        return generated(inputs)
      } finally {
        isRunning = false
      }
    }
    const target = generated === undefined ? 'evaluator' : 'javascript'
    return { run, target, stages, emitted, milliseconds: performance.now() - start }
  })

const attempted = <A>(make: () => A): A | undefined => {
  try {
    return make()
  } catch (error) {
    if (error instanceof SyntaxError) throw error
    return undefined
  }
}
