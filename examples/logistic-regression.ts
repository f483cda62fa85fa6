// Logistic regression on the breast-cancer table, beside the exact minimum that comes with the data.
import { add, cast, dot, greater, item, matmul, mean, mul, neg, softplus, type Value } from '@secant/autodiff'
import { zeros } from '@secant/linalg'
import { minimize } from '@secant/optim'
import { signs, standardise, withOnes } from '@secant/problems'
import { breastCancer, readTable } from '@secant/problems/node'
import * as E from 'fp-ts/lib/Either.js'

const table = readTable('wdbc')
const known = breastCancer()
if (E.isLeft(table) || E.isLeft(known)) throw new Error('got no table; needs the data of @secant/problems')

const features = withOnes(standardise(table.right.features))
const labels = signs(table.right.target)
const margins = (w: Value): Value => mul(labels, matmul(features, w))
const loss = (w: Value): Value => add(mean(softplus(neg(margins(w)))), mul(1e-3 / 2, dot(w, w)))

const { x, best, outcome } = minimize(loss, zeros([31]))
outcome._tag // => 'Right'
best.value // => 0.0598295
best.value - (known.right.minimum ?? Number.NaN) // => 0.0000000

// The share of the 569 rows that lie on the right side.
item(mean(cast(greater(margins(x), 0), 'float64'))) // => 0.9877
