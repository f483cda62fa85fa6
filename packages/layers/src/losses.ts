import {
  add,
  clip,
  expandDims,
  logSumExp,
  mean,
  mul,
  neg,
  type Operand,
  scale,
  softplus,
  square,
  squeeze,
  sub,
  sum,
  takeAlong,
  type Value,
} from '@secant/autodiff'
import { isFloat, sameShape, showShape } from '@secant/linalg'

// Each is a mean over all examples; what a batch of one gives is the loss of one.

/** Both of one shape: a column beside a row would stretch to a matrix, and the mean be that of something else. */
const checkAlike = (operation: string, a: Value, b: Value): void => {
  if (!sameShape(a.shape, b.shape))
    throw new Error(`${operation}: got ${showShape(a.shape)} and ${showShape(b.shape)}; needs equal shapes`)
}

const residuals = (operation: string, prediction: Value, target: Value): Value => {
  checkAlike(operation, prediction, target)
  return sub(prediction, target)
}

/**
 * Mean of (prediction − target)² over all entries. Fails (throws) on different shapes.
 *
 * @example
 * item(meanSquaredError(tensor([1, 2]), tensor([1, 4]))) // => 2
 */
export const meanSquaredError = (prediction: Value, target: Value): Value =>
  mean(square(residuals('meanSquaredError', prediction, target)))

/**
 * Mean over all entries of r²/2 where |r| ≤ δ, and of δ(|r| − δ/2) beyond, with r = prediction − target (Huber 1964).
 * Fails (throws) on different shapes.
 *
 * @example
 * item(huber(tensor([1, 10]), tensor([0, 0]))) // => 5
 */
export const huber = (prediction: Value, target: Value, delta: Operand = 1): Value => {
  const r = residuals('huber', prediction, target)
  const near = clip(r, mul(-1, delta), delta)
  return mean(mul(near, sub(r, mul(0.5, near))))
}

/**
 * Mean cross-entropy of the softmax of logits `[…, classes]`, without overflow. The labels are classes 0 … (int32)
 * `[…]`, or rows of probabilities that add up to 1 (one-hot ones, say) `[…, classes]`; where a probability is 0 the logit
 * may be −∞. Fails (throws) on shapes that do not fit, and on a class out of range.
 *
 * @example
 * item(crossEntropy(tensor([[0, 0], [1000, 0]]), tensor([1, 0], 'int32'))) // => 0.346574
 */
export const crossEntropy = (logits: Value, labels: Value): Value =>
  mean(sub(logSumExp(logits, { axes: [-1] }), expectedLogit(logits, labels)))

const expectedLogit = (logits: Value, labels: Value): Value => {
  if (isFloat(labels)) {
    checkAlike('crossEntropy', logits, labels)
    return sum(scale(logits, labels), { axes: [-1] })
  }
  if (!sameShape(labels.shape, logits.shape.slice(0, -1)))
    throw new Error(
      `crossEntropy: got labels ${showShape(labels.shape)} for logits ${showShape(logits.shape)}; needs one for each row`,
    )
  return squeeze(takeAlong(logits, expandDims(labels, [-1]), -1), [-1])
}

/**
 * Mean of −t log σ(z) − (1 − t) log(1 − σ(z)) over all entries, from logits z and targets t between 0 and 1, to full
 * accuracy for logits of any size. Fails (throws) on different shapes.
 *
 * @example
 * item(binaryCrossEntropy(tensor([0, 1000]), tensor([1, 1]))) // => 0.346574
 */
export const binaryCrossEntropy = (logits: Value, targets: Value): Value => {
  checkAlike('binaryCrossEntropy', logits, targets)
  // Not softplus(z) − t z: where z is large and t is 1 that cancels.
  return mean(add(scale(targets, softplus(neg(logits))), scale(sub(1, targets), softplus(logits))))
}
