import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Software drivers that come with Debian's chromium; a driver of the system's own is preferred by VK_DRIVER_FILES. */
const drivers = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/lib/chromium-browser/vk_swiftshader_icd.json']

/** Gives Node a `navigator.gpu` by Dawn, or says why it cannot. */
export const openDawn = async (): Promise<string | undefined> => {
  const driver = drivers.find((path) => existsSync(path))
  if (driver !== undefined) process.env['VK_DRIVER_FILES'] ??= driver
  process.env['XDG_RUNTIME_DIR'] ??= tmpdir()
  try {
    const { create, globals } = await import('webgpu')
    Object.assign(globalThis, globals)
    const gpu = create([])
    if ((await gpu.requestAdapter()) === null) return 'Dawn finds no Vulkan driver'
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
    return undefined
  } catch (error) {
    return `Dawn does not load: ${error instanceof Error ? error.message.split('\n')[0] : error}`
  }
}
