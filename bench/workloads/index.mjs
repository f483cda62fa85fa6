import { factorizations } from './factorizations.mjs'
import { gradients } from './gradients.mjs'
import { products } from './products.mjs'
import { runs } from './runs.mjs'
import { training } from './training.mjs'

/** All workloads; the quick ones are the sizes that something was promised for. */
export const workloads = (options) =>
  [products, factorizations, gradients, runs, training].flatMap((group) => group(options))
