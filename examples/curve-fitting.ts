// A curve through measured data by nonlinear least squares: the areas of 569 cell nuclei as a power of their radii.
import { exp, log, mean, mul, type Operand, square, sub, type Value } from '@secant/autodiff'
import { reshape, slice, type Tensor } from '@secant/linalg'
import { minimize } from '@secant/optim'
import { readTable } from '@secant/problems/node'
import * as E from 'fp-ts/lib/Either.js'

const table = readTable('wdbc')
if (E.isLeft(table)) throw new Error(`wdbc: ${table.left.kind}`)
const { columns, features } = table.right
const rows = features.shape[0] as number
const column = (name: string): Tensor => {
  const c = columns.indexOf(name)
  return reshape(slice(features, [0, c], [rows, c + 1]), [rows])
}

interface PowerLaw {
  readonly factor: Operand
  readonly exponent: Operand
}

const [radius, area] = [column('mean_radius'), column('mean_area')]
const curve = ({ factor, exponent }: PowerLaw): Value => mul(factor, exp(mul(exponent, log(radius))))
const squares = (law: PowerLaw): Value => mean(square(sub(curve(law), area)))

const fit = minimize(squares, { factor: 1, exponent: 1 })
// Circles would have factor π and exponent 2.
fit.x // => { factor: 2.946, exponent: 2.017 }
fit.outcome._tag // => 'Right'

// The root mean square of what is left; the areas themselves are 655 on average.
Math.sqrt(fit.best.value) // => 14.75
