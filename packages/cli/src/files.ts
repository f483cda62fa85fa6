import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ExitReason } from './exit-codes.ts'
import { Failure } from './failure.ts'

/** Runs a file operation; where it fails, the sentence names what was being written. */
export const writing = <A>(what: string, path: string, operation: () => A, otherwise: ExitReason = 'failed'): A => {
  try {
    return operation()
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    throw new Failure(otherwise, `cannot write the ${what} to '${path}' (${reason}); needs a place that can be written`)
  }
}

/** Folder by folder: the recursive mode of Node 20 never returns where the system refuses with ENOENT, as /proc does. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Opens a file in a folder that is made where it is missing. */
export const openFile = (what: string, path: string, flags: 'a' | 'w'): number =>
  writing(
    what,
    path,
    () => {
      makeFolder(dirname(path))
      return openSync(path, flags)
    },
    'misunderstood',
  )

/** Tells before anything is computed that a place cannot be written. What is there stays, and where nothing is, nothing. */
export const checkPlace = (what: string, path: string): void => {
  const isNew = !existsSync(path)
  closeSync(openFile(what, path, 'a'))
  if (isNew) unlinkSync(path)
}

export const saveFile = (what: string, path: string, text: string): void =>
  writing(what, path, () => writeFileSync(path, text))

/** Puts a whole new file in the place of the old one: whoever reads, even after a crash, finds one of the two. */
export const replaceFile = (what: string, path: string, text: string): void => {
  const partial = `${path}.partial`
  const file = openFile(what, partial, 'w')
  writing(what, path, () => {
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(partial, path)
  })
}
