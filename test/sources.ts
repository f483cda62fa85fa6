import { join } from 'node:path'
import { entriesOf, packages, root } from './workspace.ts'

/** Tests see the sources: no build in between, and a stack trace that points at what was written. */
export const sourceAliases: readonly { readonly find: RegExp; readonly replacement: string }[] = packages
  .flatMap(entriesOf)
  .map(([specifier, source]) => ({ find: new RegExp(`^${specifier}$`), replacement: join(root, source) }))
