/** A run that can be gone on with, sealed in a file; nothing of it is used before its fields are found right. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTensor, type Tensor } from '@secant/linalg'
import type { Counts, Point } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isPlainObject } from './describe.ts'
import { replaceFile } from './files.ts'
import { seal, unseal } from './sealed.ts'

/** What has to be the same for a run to be gone on with. */
export interface RunIdentity {
  /** Of the command. */
  readonly version: string
  readonly problem: string
  readonly n: number
  readonly dtype: string
  /** Fingerprint of the start with its nesting. */
  readonly start: string
  readonly method: string
  readonly options: Readonly<Record<string, unknown>>
}

export interface Checkpoint {
  readonly identity: RunIdentity
  readonly seconds: number
  readonly counts: Counts
  readonly best: Point
  /** The state of the method. */
  readonly state: unknown
}

export const encodeCheckpoint: (checkpoint: Checkpoint) => string = seal

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0

const isIdentity = (value: unknown): value is RunIdentity =>
  isPlainObject(value) &&
  ['version', 'problem', 'dtype', 'start', 'method'].every((field) => typeof value[field] === 'string') &&
  isCount(value['n']) &&
  isPlainObject(value['options'])

const isCounts = (value: unknown): value is Counts =>
  isPlainObject(value) && ['iterations', 'evaluations', 'gradients'].every((field) => isCount(value[field]))

const isVector = (value: unknown, { n, dtype }: RunIdentity): value is Tensor =>
  isTensor(value) &&
  value.dtype === dtype &&
  value.shape.length === 1 &&
  value.shape[0] === n &&
  value.data.length === n

/** Whether a value is a point of the run that is identified. */
export const isPointOf = (value: unknown, identity: RunIdentity): value is Point =>
  isPlainObject(value) &&
  typeof value['value'] === 'number' &&
  isVector(value['x'], identity) &&
  isVector(value['grad'], identity)

const isCheckpoint = (value: unknown): value is Checkpoint =>
  isPlainObject(value) &&
  isIdentity(value['identity']) &&
  typeof value['seconds'] === 'number' &&
  isCounts(value['counts']) &&
  isPointOf(value['best'], value['identity']) &&
  'state' in value

/** A checkpoint from its text, or what is wrong with it. */
export const decodeCheckpoint = (text: string): E.Either<string, Checkpoint> =>
  pipe(
    unseal(text),
    E.filterOrElse(isCheckpoint, () => 'lacks fields of a checkpoint'),
  )

/** Why a checkpoint does not belong to the run that is asked for; undefined where it does. */
export const mismatch = (saved: RunIdentity, wanted: RunIdentity): string | undefined => {
  const differ = (field: keyof RunIdentity): boolean => JSON.stringify(saved[field]) !== JSON.stringify(wanted[field])
  const show = ({ method, options }: RunIdentity): string => [method, ...Object.values(options)].join(', ')
  if (differ('version')) return `was written by secant ${saved.version}, and this is ${wanted.version}`
  if (differ('problem')) return `is of problem ${saved.problem}, and this is ${wanted.problem}`
  if (differ('n') || differ('dtype'))
    return `has ${saved.n} parameters of ${saved.dtype}, and the problem ${wanted.n} of ${wanted.dtype}`
  if (differ('start')) return 'is of a run from another x0 (or seed)'
  if (differ('method') || differ('options')) return `is of method ${show(saved)}, and this is ${show(wanted)}`
  return undefined
}

const fileIn = (folder: string): string => join(folder, 'checkpoint.jsonl')

export const hasCheckpoint = (folder: string): boolean => existsSync(fileIn(folder))

export const writeCheckpoint = (folder: string, checkpoint: Checkpoint): void =>
  replaceFile('checkpoint', fileIn(folder), encodeCheckpoint(checkpoint))

/** The checkpoint of a folder, or a sentence. */
export const readCheckpoint = (folder: string): E.Either<string, Checkpoint> => {
  const file = fileIn(folder)
  if (!existsSync(file)) return E.left(`'${file}' is not there; needs a folder that --checkpoint has written`)
  return pipe(
    decodeCheckpoint(readFileSync(file, 'utf8')),
    E.mapLeft((why) => `'${file}' ${why}`),
  )
}
