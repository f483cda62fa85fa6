import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { entriesOf, type Package, packages, root } from './test/workspace.ts'

const setup = (name: string): string => join(root, 'test', 'setup', `${name}.ts`)

const knowsInterpreters = ({ manifest }: Package): boolean =>
  manifest.name === '@secant/autodiff' || '@secant/autodiff' in (manifest.dependencies ?? {})

const project = (name: string, folder: string, setupFiles: readonly string[]) => ({
  extends: true as const,
  test: { name, root: join(root, folder), include: ['test/**/*.test.ts'], setupFiles: setupFiles.map(setup) },
})

export default defineConfig({
  resolve: {
    // Tests see the sources: no build in between, and a stack trace that points at what was written.
    alias: packages
      .flatMap(entriesOf)
      .map(([specifier, source]) => ({ find: new RegExp(`^${specifier}$`), replacement: join(root, source) })),
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
