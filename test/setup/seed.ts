import { relative } from 'node:path'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { root } from '../workspace.ts'

// Properties are pinned so that a run can be repeated; another seed looks elsewhere.
const seed = Number(process.env['SECANT_SEED'] ?? 20260401)
if (!Number.isInteger(seed)) throw new Error(`SECANT_SEED: got ${process.env['SECANT_SEED']}; needs an integer`)

const replay = (failedSeed: number): string => {
  const { testPath = '', currentTestName = '' } = expect.getState()
  return `Replay: SECANT_SEED=${failedSeed} npx vitest run ${relative(root, testPath)} -t '${currentTestName.split(' > ').join(' ')}'`
}

fc.configureGlobal({
  seed,
  reporter: (run) => {
    if (run.failed)
      throw new Error(`${fc.defaultReportMessage(run)}\n\n${replay(run.seed)}`, { cause: run.errorInstance })
  },
})
