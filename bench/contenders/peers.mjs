// npm packages to compare with, as far as `npm run bench -- --peers` has installed them.
const modules = ['tfjs', 'jax-js', 'numeric', 'ml-matrix', 'stdlib', 'optimization-js']

/** Each module's contenders, or the reason why there are none. */
export const startPeers = async () => {
  const contenders = []
  const absent = []
  for (const name of modules)
    try {
      contenders.push(...(await (await import(`./${name}.mjs`)).start()))
    } catch (failure) {
      const missing = failure.code === 'MODULE_NOT_FOUND' || failure.code === 'ERR_MODULE_NOT_FOUND'
      absent.push({
        name,
        reason: missing ? 'not installed (npm run bench -- --peers)' : `${failure.message ?? failure}`,
      })
    }
  return { contenders, absent }
}
