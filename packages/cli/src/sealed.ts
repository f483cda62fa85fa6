/**
 * Plain data in a file of two lines: the format's version with the sha256 of the rest, and the rest. Nothing in it is
 * executed, and nothing of it is used before its checksum is found right.
 */
import { createHash } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { decodePlainData, encodePlainData } from './plain-data.ts'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A fingerprint of plain data, bit for bit. */
export const fingerprint = (data: unknown): string => sha256(JSON.stringify(encodePlainData(data)))

const firstLine = (payload: string): string => `{"secant-checkpoint":1,"sha256":"${sha256(payload)}"}`

export const seal = (data: unknown): string => {
  const payload = `${JSON.stringify(encodePlainData(data))}\n`
  return `${firstLine(payload)}\n${payload}`
}

/** The data of a sealed text, or what is wrong with it. */
export const unseal = (text: string): E.Either<string, unknown> => {
  const end = text.indexOf('\n')
  const [first, payload] = [text.slice(0, end), text.slice(end + 1)]
  const version = /^\{"secant-checkpoint":(\d+),/.exec(first)?.[1]
  if (end < 0 || version === undefined) return E.left('is no checkpoint')
  if (version !== '1') return E.left(`has version ${version} of the format; this command reads 1`)
  if (first !== firstLine(payload)) return E.left('is damaged: its checksum is not that of its contents')
  return pipe(
    E.tryCatch((): unknown => JSON.parse(payload), String),
    E.chain(decodePlainData),
  )
}
