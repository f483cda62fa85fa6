/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  layers: ['linalg', 'autodiff'],
  optim: ['linalg', 'autodiff'],
  problems: ['linalg', 'autodiff', 'layers', 'optim'],
  policy: ['linalg', 'autodiff', 'layers', 'optim', 'problems'],
  verify: ['linalg', 'autodiff', 'optim', 'problems', 'policy'],
  experiments: ['linalg', 'autodiff', 'layers', 'optim', 'problems', 'policy'],
  cli: ['linalg', 'autodiff', 'layers', 'optim', 'problems', 'policy', 'verify', 'experiments'],
} as const satisfies Readonly<Record<string, readonly string[]>>
