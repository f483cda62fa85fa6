import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'vite'
import { sourceAliases } from '../sources.ts'
import { root } from '../workspace.ts'
import { chromium, openPage } from './chromium.ts'

const html = `<!doctype html><script type="module">
const answer = (body) => fetch('/answer', { method: 'POST', body: JSON.stringify(body) })
try {
  const { default: run } = await import('/entry.js')
  await answer({ result: await run(ARGUMENT) })
} catch (error) {
  await answer({ error: String(error?.message ?? JSON.stringify(error)) })
}
</script>`

/** The files that a browser loads for a module of this checkout, by name; `entry.js` is the module. */
const filesOf = async (module: string): Promise<ReadonlyMap<string, string>> => {
  const built = await build({
    root,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'silent',
    resolve: { alias: [...sourceAliases] },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: { entry: join(root, module) },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  })
  if (!('output' in built)) throw new Error(`${module}: got no bundle`)
  return new Map(built.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code] as const] : [])))
}

/**
 * Imports a module of this checkout in a browser, calls its default export with an argument (plain data), and returns
 * what that resolves to. Fails
 * (rejects) with what went wrong there, or after a number of seconds.
 */
export const runInBrowser = async <A>(module: string, seconds: number, argument: unknown = null): Promise<A> => {
  if (chromium === undefined) throw new Error('runInBrowser: got no Chromium; needs one installed')
  const files = await filesOf(module)
  let answer: (text: string) => void = () => undefined
  const answered = new Promise<string>((resolve) => {
    answer = resolve
  })
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1)
    if (name === 'answer') {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        response.end()
        answer(Buffer.concat(parts).toString('utf8'))
      })
      return
    }
    const code = files.get(name)
    response.writeHead(name === '' || code !== undefined ? 200 : 404, {
      'content-type': name === '' ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8',
    })
    response.end(name === '' ? html.replace('ARGUMENT', JSON.stringify(argument)) : code)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = openPage(chromium, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(JSON.stringify({ error: `no answer after ${seconds} s` })), 1000 * seconds)
  })
  try {
    const { result, error } = JSON.parse(await Promise.race([answered, late])) as { result: A; error?: string }
    if (error !== undefined) throw new Error(`${module} in a browser: ${error}`)
    return result
  } finally {
    clearTimeout(timer)
    await close()
    server.closeAllConnections()
    server.close()
  }
}
