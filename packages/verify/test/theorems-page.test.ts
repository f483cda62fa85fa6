import { expect, test } from 'vitest'
import { theoremsPage } from './theorems-page.ts'

test('docs/theorems.md is current; npm run theorems writes it', async () => {
  await expect(theoremsPage()).toMatchFileSnapshot('../../../docs/theorems.md')
})
