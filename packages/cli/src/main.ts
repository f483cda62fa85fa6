import { main } from './program.ts'

// A reader that stops reading, such as `head`, is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await main(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  clock: () => performance.now() / 1000,
})
