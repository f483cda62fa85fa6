import { shareOwnPackages } from './own-packages.ts'
import { main } from './program.ts'

// A reader that stops reading, such as `head`, is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await main(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  clock: () => performance.now() / 1000,
  load: (url) => {
    shareOwnPackages()
    return import(url)
  },
  onInterrupt: (listener) => {
    process.once('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  },
})
