import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build } from 'vite'

/**
 * The minified code that a browser would load for a program that stands in a folder and imports from its node_modules; `apart` is what
 * it would load from elsewhere. Fails (rejects) where something is left that only Node has.
 */
export const bundle = async (folder: string, program: string, apart: readonly RegExp[] = []): Promise<string> => {
  const input = join(folder, 'program.js')
  const built = await build({
    root: folder,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'program',
        enforce: 'pre',
        resolveId: (id, importer) => {
          if (isBuiltin(id)) throw new Error(`bundle: got ${id} in ${importer}; needs what a browser has`)
          return id === input ? id : undefined
        },
        load: (id) => (id === input ? program : undefined),
      },
    ],
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input, external: [...apart], preserveEntrySignatures: 'strict' },
    },
  })
  if (!('output' in built) || built.output.length !== 1) throw new Error('bundle: got several files; needs one')
  return built.output[0].code
}
