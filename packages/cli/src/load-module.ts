import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, misunderstood } from './failure.ts'

/** The line where a file does not parse, which the error itself does not tell; undefined where it does. */
const badLineOf = (path: string): string | undefined => {
  const { status, stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' })
  return status === 0 ? undefined : (/:(\d+)\n/.exec(stderr)?.[1] ?? '?')
}

const sentenceOf = (path: string, thrown: unknown): string => {
  const message = messageOf(thrown)
  const badLine = thrown instanceof SyntaxError ? badLineOf(path) : undefined
  if (badLine !== undefined) return `does not parse (line ${badLine}: ${message}); needs a JavaScript module`
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return thrown instanceof SyntaxError || /^ERR_|^MODULE_NOT_FOUND$/.test(code)
    ? `cannot be imported (${message})`
    : `throws while it is imported (${message})`
}

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** The default export of a user's module. Fails (rejects) with one sentence. */
export const loadModule = async (path: string, load: (url: string) => Promise<unknown>): Promise<unknown> => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile())
    throw misunderstood(`'${path}': is ${stats ? 'no file' : 'not there'}; needs a JavaScript module`)
  const url = pathToFileURL(resolve(path)).href
  const loaded = await load(url).catch((thrown: unknown) => {
    throw misunderstood(`'${path}': ${sentenceOf(path, thrown)}`, thrown)
  })
  if (typeof loaded !== 'object' || loaded === null || !('default' in loaded))
    throw misunderstood(`'${path}': has no default export; needs export default { objective, x0 }`)
  // Not awaited by being returned: it may never be settled.
  if (isThenable(loaded.default))
    throw misunderstood(`'${path}': has a promise as its default export; needs export default { objective, x0 }`)
  return loaded.default
}
