import { shareOwnPackages } from './own-packages.ts'
import { main } from './program.ts'

// A reader that stops reading, such as `head`, is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

/** A promise that fails where the process would end before it is settled: Node ends without a word then. */
const settled = (loading: Promise<unknown>): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const stuck = (): void => reject(new Error('it awaits what never comes'))
    process.once('beforeExit', stuck)
    loading.then(resolve, reject).finally(() => process.off('beforeExit', stuck))
  })

process.exitCode = await main(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  clock: () => performance.now() / 1000,
  load: (url) => {
    shareOwnPackages()
    return settled(import(url))
  },
  onInterrupt: (listener) => {
    process.once('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  },
})
