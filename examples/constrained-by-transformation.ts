// Constraints by a change of variables: probabilities as a softmax, a positive rate as a softplus.
import {
  concrete,
  dot,
  exp,
  item,
  log,
  logSumExp,
  mul,
  neg,
  type Operand,
  softplus,
  sub,
  sum,
  type Value,
} from '@secant/autodiff'
import { tensor, toNested, zeros } from '@secant/linalg'
import { minimize } from '@secant/optim'

/** The logarithms of positive numbers that add up to 1. */
const logSoftmax = (z: Value): Value => sub(z, logSumExp(z))

// How likely counts are, as a function of the probabilities: most likely are the shares, 3/20, 5/20 and 12/20.
const counts = tensor([3, 5, 12])
const surprise = (z: Value): Value => neg(dot(counts, logSoftmax(z)))
const shares = minimize(surprise, zeros([3]))
toNested(concrete(exp(logSoftmax(shares.x)))) // => [0.150000, 0.250000, 0.600000]

// Times between events at a constant rate: most likely is events / time, 4/8.
const waits = tensor([1, 4, 0.5, 2.5])
const unlikely = (u: Operand): Value => {
  const rate = softplus(u)
  return sub(mul(rate, sum(waits)), mul(waits.data.length, log(rate)))
}
const { x: u } = minimize(unlikely, -3)
item(softplus(u)) // => 0.500000
