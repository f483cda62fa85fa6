/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  compile: ['linalg', 'autodiff'],
  optim: ['linalg', 'autodiff', 'compile'],
  problems: ['linalg', 'autodiff', 'compile', 'optim'],
  policy: ['linalg', 'autodiff', 'compile', 'optim', 'problems'],
  cli: ['linalg', 'autodiff', 'compile', 'optim', 'problems', 'policy'],
} as const satisfies Readonly<Record<string, readonly string[]>>
