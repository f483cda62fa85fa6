export { type Compiled, type CompileOptions, compileProgram, type Target } from './compile-program.ts'
export { explainCompilation } from './explain.ts'
export { type JitOptions, type Jitted, jit, type Statistics } from './jit.ts'
export { type Pass, passes, type Stage, simplified } from './simplify.ts'
