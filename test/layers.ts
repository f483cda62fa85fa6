/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  layers: ['linalg', 'autodiff'],
  compile: ['linalg', 'autodiff'],
  optim: ['linalg', 'autodiff', 'compile'],
  problems: ['linalg', 'autodiff', 'layers', 'compile', 'optim'],
  policy: ['linalg', 'autodiff', 'layers', 'compile', 'optim', 'problems'],
  verify: ['linalg', 'autodiff', 'compile', 'optim', 'problems', 'policy'],
  experiments: ['linalg', 'autodiff', 'layers', 'compile', 'optim', 'problems', 'policy'],
  cli: ['linalg', 'autodiff', 'layers', 'compile', 'optim', 'problems', 'policy', 'verify', 'experiments'],
} as const satisfies Readonly<Record<string, readonly string[]>>
