import { beforeAll, describe, expect, test } from 'vitest'
import { chromium } from './browser/chromium.ts'
import type { BrowserCounts, BrowserReport } from './browser/devices.ts'
import { runInBrowser } from './browser/page.ts'
import { isTelling, programsFor, summary } from './devices/programs.ts'

// What was not tested is said where somebody reads it: in the name of a test.
if (chromium === undefined) test('devices in a browser: left out, no Chromium is installed', () => undefined)
else
  describe('devices in a browser', () => {
    let report: BrowserReport
    beforeAll(async () => {
      const counts: BrowserCounts = {
        float32: programsFor('float32', 15),
        'double-single': programsFor('double-single', 15),
      }
      const seconds = 150 + counts.float32 + 4 * counts['double-single']
      report = await runInBrowser<BrowserReport>('test/browser/devices.ts', seconds, counts)
      for (const { ran, renderer, cases, milliseconds, edges, programs } of report.devices)
        console.log(`${ran} on ${renderer}: ${cases} cases in ${milliseconds} ms\n  ${summary(programs)}\n  ${edges}`)
    }, 2_000_000)

    test('what was asked for is there, and is what ran', () => {
      expect(report.missing).toEqual([])
      expect(report.devices.map(({ ran }) => ran)).toEqual(report.devices.map(({ asked }) => asked))
    })

    test('every operation is within its bound, solvers too', () => {
      for (const { ran, broken } of report.devices) expect(broken, ran).toEqual([])
    })

    test('random programs, fused, are within bounds that are computed along with them', () => {
      for (const { ran, programs } of report.devices) {
        expect(programs.broken, ran).toEqual([])
        expect(programs.left, ran).toBe(0)
        expect(isTelling(programs), summary(programs)).toBe(true)
      }
    })

    test('NaN stays NaN', () => {
      for (const { ran, edgesKept, edges } of report.devices) expect(edgesKept, `${ran}: ${edges}`).toBe(true)
    })

    test('nothing is left on a device', () => {
      for (const { ran, live } of report.devices) expect(live, ran).toBe(0)
    })

    test('processors that pose as a GPU are recognised', () => {
      for (const { software, renderer } of report.devices) expect(software, renderer).toBe(true)
    })

    test('two devices of one back end do not disturb each other', () => {
      expect(report.together).toBe(true)
    })

    test('the benchmark measures what is there, and says what is not', () => {
      const [there, missing] = [
        report.bench.filter(({ device }) => !device.startsWith('headlessgl')),
        report.bench.filter(({ device }) => device.startsWith('headlessgl')),
      ]
      expect(there.length).toBe(14)
      for (const { task, seconds, device, difference } of there) {
        expect(seconds, task).toBeGreaterThan(0)
        if (device.startsWith('webgl2')) expect(difference, task).toBeLessThan(1e-2)
      }
      expect(missing).toMatchObject([{ task: 'open', why: expect.stringContaining('not available') }])
    })

    test('a run whose device is lost goes on elsewhere, to the same optimum', () => {
      expect(report.losses.map(({ mode }) => mode)).toEqual(['webgpu', 'webgl2'])
      for (const { mode, error, iterationsBefore, live, distance } of report.losses) {
        expect(error).toMatchObject({ kind: 'lost', backEnd: mode })
        expect(iterationsBefore).toBeGreaterThan(0)
        expect(live).toBe(0)
        expect(distance).toBeLessThan(1e-7)
      }
    })
  })
