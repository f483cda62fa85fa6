/** Random programs under the functions of the kernels, for `npm run programs`. */
import { useKernelMath } from './kernel-math.ts'

useKernelMath()

export const many: typeof import('./many-programs.ts') = await import('./many-programs.ts')
