import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { sourceAliases } from './test/sources.ts'
import { type Package, packages, root } from './test/workspace.ts'

const setup = (name: string): string => join(root, 'test', 'setup', `${name}.ts`)

const knowsInterpreters = ({ manifest }: Package): boolean =>
  manifest.name === '@secant/autodiff' || '@secant/autodiff' in (manifest.dependencies ?? {})

const project = (name: string, folder: string, setupFiles: readonly string[]) => ({
  extends: true as const,
  test: { name, root: join(root, folder), include: ['test/**/*.test.ts'], setupFiles: setupFiles.map(setup) },
})

export default defineConfig({
  resolve: {
    alias: [...sourceAliases],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
    reporters: process.stdout.isTTY ? ['default'] : ['dot'],
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
    projects: [
      project('workspace', '.', ['seed', 'interpreter']),
      ...packages.map((pkg) =>
        project(pkg.name, `packages/${pkg.name}`, knowsInterpreters(pkg) ? ['seed', 'interpreter'] : ['seed']),
      ),
    ],
  },
})
