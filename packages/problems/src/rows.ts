import { showShape, type Tensor } from '@secant/linalg'

/**
 * Number of columns of features `[m, k]` that have a label each, `[m]`, m ≥ 1. Fails (throws) on other shapes:
 * they would stretch to each other and give the loss of something else.
 */
export const columnsOf = (operation: string, features: Tensor, labels: Tensor): number => {
  const [rows, columns] = features.shape
  if (features.shape.length !== 2 || labels.shape.length !== 1 || rows === 0 || rows !== labels.shape[0])
    throw new Error(
      `${operation}: got features ${showShape(features.shape)}, labels ${showShape(labels.shape)}; needs [m, k] and [m], m ≥ 1`,
    )
  return columns as number
}
