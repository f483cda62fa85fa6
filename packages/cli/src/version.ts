import { readFileSync } from 'node:fs'

/** The version of this command. */
export const versionOf = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return String((manifest as { readonly version: unknown }).version)
}
