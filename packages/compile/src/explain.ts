import { record, show } from '@secant/autodiff'
import { type CompileOptions, compileProgram } from './compile-program.ts'

/**
 * What becomes of a function for arguments like the given ones: the program as recorded, after each pass that changed
 * it, and the code that runs.
 *
 * @example
 * explainCompilation((x: Value) => mul(1, x))(scalar(2)).split('\n')[3] // => '  return b'
 */
export const explainCompilation =
  <A extends readonly unknown[]>(f: (...args: A) => unknown, options: CompileOptions = {}) =>
  (...args: A): string => {
    const { program } = record((given: A) => f(...given))(args)
    const { stages, emitted, target, milliseconds } = compileProgram(program, options)
    const parts = stages.map(({ name, program: at }) => `-- ${name}: ${at.steps.length} steps\n${show(at)}`)
    const memory = `${emitted.arenaBytes} bytes between loops`
    return [...parts, `-- ${target}, ${memory}, compiled in ${milliseconds.toFixed(2)} ms\n${emitted.source}`].join(
      '\n\n',
    )
  }
