import { expect, test } from 'vitest'
import { chromium } from './browser/chromium.ts'
import type { DeviceReport } from './browser/devices.ts'
import { runInBrowser } from './browser/page.ts'

test('in a browser', async () => {
  const reports = await runInBrowser<readonly DeviceReport[]>('test/browser/devices.ts', 100)
  console.log(JSON.stringify(reports, null, 1), chromium)
  expect(reports).toEqual([])
}, 120_000)
