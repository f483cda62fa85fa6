/**
 * Gives Node what browsers have, `navigator.gpu`, by the package webgpu (Dawn), where that is installed and finds a
 * driver. The answer is why not, or undefined.
 */
export const openWebGpu = async (): Promise<string | undefined> => {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: unknown } }
  if (navigator?.gpu !== undefined) return undefined
  try {
    const { create, globals } = await import('webgpu')
    const gpu = create([])
    if ((await gpu.requestAdapter()) === null) return 'the package webgpu finds no driver'
    Object.assign(globalThis, globals)
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
    return undefined
  } catch (error) {
    const known = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    return known
      ? 'the package webgpu, which is optional, is not installed'
      : `the package webgpu does not load: ${error}`
  }
}
