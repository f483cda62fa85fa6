import { existsSync, readFileSync } from 'node:fs'
import { gpu } from '@secant/linalg/gpu'
import type { Command } from 'commander'
import { listDevices } from './devices.ts'
import { checkPlace, saveFile } from './files.ts'
import { openWebGpu } from './node-webgpu.ts'
import type { Surroundings } from './surroundings.ts'

/** Adds `secant devices`. */
export const declareDevices = (program: Command, { out, clock }: Surroundings): void => {
  program
    .command('devices')
    .description('List the devices of this machine, test them, and predict from which sizes on they pay.')
    .option('--calibration <file>', 'read what was measured before from here, and write what is measured now')
    .allowExcessArguments(false)
    .action(async ({ calibration }: { readonly calibration?: string }) => {
      const kept = calibration !== undefined && existsSync(calibration) ? readFileSync(calibration, 'utf8') : undefined
      if (calibration !== undefined) checkPlace('calibration', calibration)
      const say = (line: string): void => {
        out.write(`${line}\n`)
      }
      const measured = await listDevices(say, { clock, open: gpu, openWebGpu }, kept)
      if (calibration !== undefined) saveFile('calibration', calibration, `${JSON.stringify(measured, null, 2)}\n`)
    })
}
