import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const folder = new URL('../peers/', import.meta.url)

/** `require` as from bench/peers: what is installed there and nothing else. */
export const installed = createRequire(new URL('package.json', folder))

/** The version of a package there. */
export const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, folder), 'utf8')).version
