/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  optim: ['linalg', 'autodiff'],
  problems: ['linalg', 'autodiff', 'optim'],
  policy: ['linalg', 'autodiff', 'optim', 'problems'],
  cli: ['linalg', 'autodiff', 'optim', 'problems', 'policy'],
} as const satisfies Readonly<Record<string, readonly string[]>>
