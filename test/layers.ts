/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  layers: ['linalg', 'autodiff'],
  optim: ['linalg', 'autodiff'],
  problems: ['linalg', 'autodiff', 'layers', 'optim'],
  policy: ['linalg', 'autodiff', 'layers', 'optim', 'problems'],
  cli: ['linalg', 'autodiff', 'layers', 'optim', 'problems', 'policy'],
} as const satisfies Readonly<Record<string, readonly string[]>>
