// What a browser loads for one import, in bytes: minified, compressed, and minified without fp-ts.
// `npm run sizes`: some imports of every library; `npm run sizes -- optim`: each export of that package alone.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { runnerImport } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { module: tools } = await runnerImport(join(root, 'test', 'bundle.ts'), { root, configFile: false })

const some = {
  linalg: ['tensor', 'matmul', 'cholesky'],
  autodiff: ['add', 'matmul', 'grad', 'hessian'],
  layers: ['dense', 'lstmCell', 'mlpStart', 'crossEntropy'],
  optim: ['fixed', 'adam', 'lbfgs', 'minimize'],
  problems: ['decodeCsv', 'rosenbrock', 'logisticRegression'],
}

const isLibrary = (name) =>
  JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).bin === undefined

const row = (what, sizes) => console.log(what.padEnd(40) + sizes.map((size) => String(size).padStart(10)).join(''))

const named = process.argv.slice(2)
row('', ['minified', 'gzip', 'no fp-ts'])
for (const name of named.length > 0 ? named : readdirSync(join(root, 'packages')).filter(isLibrary)) {
  const exports = named.length > 0 ? Object.keys(await import(`@secant/${name}`)) : (some[name] ?? [])
  for (const item of ['*', ...exports.map((each) => `{ ${each} }`)]) {
    const program = `export ${item} from '@secant/${name}'`
    const code = await tools.bundle(root, program)
    const own = await tools.bundle(root, program, [/^fp-ts\//])
    row(`${item} from @secant/${name}`, [Buffer.byteLength(code), gzipSync(code).length, Buffer.byteLength(own)])
  }
}
