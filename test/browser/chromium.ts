import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Where a Chromium is installed, if one is; SECANT_CHROMIUM names another. */
export const chromium: string | undefined =
  process.env['SECANT_CHROMIUM'] ??
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path))

// Shader code is compiled and run by SwiftShader: right or wrong shows there as on hardware, only slower.
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
]

/** Opens a page in a browser of its own; the returned function ends that browser. */
export const openPage = (browser: string, url: string): (() => Promise<void>) => {
  const profile = mkdtempSync(join(tmpdir(), 'secant-browser-'))
  const child: ChildProcess = spawn(browser, [...flags, `--user-data-dir=${profile}`, url], {
    stdio: 'ignore',
    detached: process.platform !== 'win32',
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return async () => {
    if (child.pid !== undefined && child.exitCode === null)
      try {
        process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
