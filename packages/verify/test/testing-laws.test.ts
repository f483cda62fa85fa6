import { bfgs, descend, fixed, lbfgs, steepest, strongWolfe, strongWolfeCondition } from '@secant/optim'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  type KnownProblem,
  lawsOf,
  permutation,
  propertiesOf,
  rotation,
  scalingOfValues,
  scalingOfVariables,
  translation,
} from '../src/testing/index.ts'

const everyLaw = { numRuns: 30 }

describe('BFGS with a strong Wolfe search', () => {
  const laws = propertiesOf(descend(bfgs(), strongWolfe()), {
    descends: true,
    steps: strongWolfeCondition(),
    follows: [translation, rotation, permutation, scalingOfValues],
    convergesWithin: 200,
  })
  for (const { name, property } of laws) test(name, () => fc.assert(property, everyLaw))
})
describe('gradient descent', () => {
  const laws = propertiesOf(({ known }: KnownProblem) => descend(steepest(), fixed(1 / known.L)), {
    descends: true,
    follows: [translation, rotation, permutation, scalingOfValues, scalingOfVariables],
    convergesWithin: 2000,
  })
  for (const { name, property } of laws) test(name, () => fc.assert(property, everyLaw))
})
describe('directions', () => {
  for (const { name, property } of lawsOf(bfgs(), { secant: true, positiveDefinite: true, permutes: true }))
    test(name, () => fc.assert(property, everyLaw))
  for (const { name, property } of lawsOf(lbfgs(), { secant: true, positiveDefinite: true, permutes: true }))
    test(`lbfgs ${name}`, () => fc.assert(property, everyLaw))
})
