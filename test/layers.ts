/** Which packages each package may import, from the bottom up. */
export const edges = {
  linalg: [],
  autodiff: ['linalg'],
  optim: ['linalg', 'autodiff'],
  problems: ['linalg', 'autodiff', 'optim'],
  cli: ['linalg', 'autodiff', 'optim', 'problems'],
} as const satisfies Readonly<Record<string, readonly string[]>>
