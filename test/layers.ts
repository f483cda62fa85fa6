/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  optim: ['linalg', 'autodiff'],
  problems: ['linalg', 'autodiff', 'optim'],
  policy: ['linalg', 'autodiff', 'optim', 'problems'],
  verify: ['linalg', 'autodiff', 'optim', 'problems', 'policy'],
  cli: ['linalg', 'autodiff', 'optim', 'problems', 'policy', 'verify'],
} as const satisfies Readonly<Record<string, readonly string[]>>
