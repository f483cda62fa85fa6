// Serves a page that measures the devices of whoever opens it: `npm run bench:gpu`, then follow the link.
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const { output } = await build({
  root: join(dirname(fileURLToPath(import.meta.url)), 'gpu'),
  configFile: false,
  envDir: false,
  logLevel: 'warn',
  build: { write: false, chunkSizeWarningLimit: 4000, modulePreload: false },
})
const files = new Map(output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]))
const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' }

const server = createServer((request, response) => {
  const path = request.url === '/' ? '/index.html' : request.url
  const type = types[path.split('.').at(-1)] ?? 'application/octet-stream'
  response.writeHead(files.has(path) ? 200 : 404, { 'content-type': `${type}; charset=utf-8` })
  response.end(files.get(path))
})
const port = Number(process.env['PORT'] ?? 4173)
server.listen(port, '127.0.0.1', () => console.log(`Open http://127.0.0.1:${port}/ in the browser to be measured.`))
server.on('error', ({ message }) => {
  console.error(`bench:gpu: ${message}; another port can be given as PORT=…`)
  process.exitCode = 1
})
