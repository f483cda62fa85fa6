import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Failure } from '../src/failure.ts'
import { checkPlace } from '../src/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'files-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a place is checked without leaving anything there, nor changing what is there', () => {
  const path = join(folder, 'below', 'result.json')
  checkPlace('result', path)
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, 'kept')
  checkPlace('result', path)
  expect(readFileSync(path, 'utf8')).toBe('kept')
  expect(() => checkPlace('result', join(path, 'under a file.json'))).toThrow(Failure)
})
