/** The measurements of an experiment, saved series by series where they take long. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compete, type PartRow, seriesOf, type Taught } from '@secant/experiments'
import * as E from 'fp-ts/lib/Either.js'
import { isPlainObject } from './describe.ts'
import { replaceFile } from './files.ts'
import { fingerprint, seal, unseal } from './sealed.ts'
import { statusLine } from './status-line.ts'
import type { Surroundings } from './surroundings.ts'
import { versionOf } from './version.ts'

interface Measuring {
  readonly quick: boolean
  readonly problems: number
  /** Where what is measured is saved, and found again. */
  readonly folder: string | undefined
}

/** What has to be the same for measurements to be gone on with: the parameters themselves, to the last bit. */
const identityOf = (taught: readonly Taught[], { problems }: Measuring): string =>
  fingerprint({ version: versionOf(), node: process.version, problems, thetas: taught.map(({ theta }) => theta) })

const fileIn = (folder: string): string => join(folder, 'measured.jsonl')

/** Rows of the series that were measured to their end, and how many series that were. */
interface Measured {
  readonly series: number
  readonly rows: readonly PartRow[]
}

/** What was measured before; nothing where that was of other parameters, or is damaged: measuring again is right. */
const savedRows = (folder: string | undefined, identity: string): Measured => {
  const nothing = { series: 0, rows: [] }
  if (folder === undefined || !existsSync(fileIn(folder))) return nothing
  const found = unseal(readFileSync(fileIn(folder), 'utf8'))
  if (E.isLeft(found) || !isPlainObject(found.right) || found.right['identity'] !== identity) return nothing
  return found.right['measured'] as Measured
}

/** Measures everything, row by row, until it is done or the user interrupts. */
export const measuring = async (
  taught: readonly Taught[],
  options: Measuring,
  { out, clock, onInterrupt }: Surroundings,
): Promise<{ readonly rows: readonly PartRow[]; readonly interrupted: boolean }> => {
  const { quick, problems, folder } = options
  const live = statusLine(out)
  const all = seriesOf(taught, { isQuick: quick, problems })
  const identity = folder === undefined ? '' : identityOf(taught, options)
  const before = savedRows(folder, identity)
  const rows = [...before.rows]
  let interrupted = false
  const stopListening = onInterrupt(() => {
    interrupted = true
  })
  for (let i = before.series; i < all.length; i++) {
    const series = all[i] as (typeof all)[number]
    for (const row of compete(series, clock)) {
      rows.push({ part: series.part, row })
      live.show(clock(), `measured ${i + 1} of ${all.length}: ${series.part}, ${row.on} ${row.n}, ${row.title}`)
      await new Promise(setImmediate) // for Ctrl-C to be heard
      if (interrupted) break
    }
    live.clear()
    if (interrupted) break
    out.write(`measured ${i + 1} of ${all.length}: ${series.part}, ${series.subject.title}, n = ${series.n}\n`)
    if (folder !== undefined)
      replaceFile('measurements', fileIn(folder), seal({ identity, measured: { series: i + 1, rows } }))
  }
  stopListening()
  return { rows, interrupted }
}
