// Some parts are meant to be read in one sitting: these files, and no more lines of code than this.
// Single operations (autodiff/src/ops and vector-space.ts) stand aside: reading one of them is enough.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

const limit = 300

const paths = {
  grad: [
    'packages/linalg/src/linear-map.ts',
    'packages/autodiff/src/core.ts',
    'packages/autodiff/src/primitive.ts',
    'packages/autodiff/src/linearize.ts',
    'packages/autodiff/src/tree.ts',
    'packages/autodiff/src/gradient.ts',
  ],
  'a step of L-BFGS': [
    'packages/optim/src/point.ts',
    'packages/optim/src/measure.ts',
    'packages/optim/src/condition.ts',
    'packages/optim/src/direction.ts',
    'packages/optim/src/initial-scale.ts',
    'packages/optim/src/lbfgs.ts',
    'packages/optim/src/search.ts',
    'packages/optim/src/strong-wolfe.ts',
    'packages/optim/src/method.ts',
  ],
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Lines with something on them that is no comment. */
const codeLines = (path) => {
  const text = readFileSync(join(root, path), 'utf8')
  const code = parseSync(path, text).comments.reduceRight(
    (rest, { start, end }) => rest.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, '') + rest.slice(end),
    text,
  )
  return code.split('\n').filter((line) => line.trim() !== '').length
}

const row = (count, what) => console.log(`${String(count).padStart(5)}  ${what}`)

for (const [name, files] of Object.entries(paths)) {
  const counts = files.map((path) => (existsSync(join(root, path)) ? codeLines(path) : undefined))
  const total = counts.reduce((sum, count) => sum + (count ?? 0), 0)
  console.log(`Lines of code on the way to ${name}`)
  files.forEach((path, i) => {
    row(counts[i] ?? '—', counts[i] === undefined ? `${path} (missing)` : path)
  })
  row(total, `in all, of at most ${limit}\n`)
  if (total > limit || counts.includes(undefined)) process.exitCode = 1
}
