import { main } from './program.ts'

process.exitCode = await main(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  clock: () => performance.now() / 1000,
})
