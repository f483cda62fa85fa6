import type { Tensor } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as autodiff from '../src/index.ts'
import { cast, checkDerivative, concrete, linearize, square, type Value } from '../src/index.ts'
import { cases, plainCases, programs } from './cases.ts'
import { derivativeLaws, expectAdjoint } from './derivative-laws.ts'
import { tensorOf } from './generators.ts'

derivativeLaws(plainCases)

describe('random compositions', () => {
  test('apply and adjoint belong together', () => {
    fc.assert(
      fc.property(programs, tensorOf([3], -1, 1), fc.nat(1000), (f, x, seed) =>
        expectAdjoint(([v]) => f(v as Value), [x], seed, 1),
      ),
      { numRuns: 300 },
    )
  })

  test('forward = reverse = differences', () => {
    fc.assert(
      fc.property(programs, tensorOf([3], -1, 1), (f, x) => {
        expect(checkDerivative(f, x as Value)).toMatchObject({ agrees: true })
      }),
      { numRuns: 200 },
    )
  })
})

describe('the table', () => {
  /** What is exported that is not an operation with a derivative: transformations, tools, masks. */
  const others: readonly string[] = [
    ...[
      'asValue',
      'bind',
      'checkDerivative',
      'checkDerivatives',
      'concrete',
      'currentInterpreter',
      'evaluate',
      'evaluator',
      'flatten',
    ],
    ...['grad', 'hessian', 'hvp', 'interpretWith', 'isTracer', 'item', 'jacobian', 'jvp', 'linearize', 'primitive'],
    ...[
      'record',
      'recordValues',
      'sameStructure',
      'show',
      'unflatten',
      'valueAndGrad',
      'vjp',
      'vmap',
      'withoutDeadSteps',
    ],
    ...[
      'customDerivative',
      'showChecks',
      'slopeByDifferences',
      'oneByOne',
      'valueAndGradBeside',
      'mapTree',
      'zeroMap',
      'denseLayout',
      'reshaped',
    ],
    ...['equal', 'finite', 'greater', 'greaterEqual', 'less', 'lessEqual', 'notEqual', 'logicalAnd', 'logicalOr'],
    ...['logicalNot', 'all', 'any', 'argmax', 'argmin'],
    ...['argsort', 'oneHot', 'keyValue', 'foldInKey', 'splitKey', 'randomNormal', 'randomInteger'],
    // Control flow has its own tests.
    ...['foriLoop', 'scan', 'scanInSegments', 'whileLoop', 'boundedWhile', 'cond', 'switchCase', 'checkpoint'],
    ...['linearTranspose', 'scanPrimitive', 'switchPrimitive', 'whilePrimitive', 'checkpointPrimitive', 'isStepOf'],
    // These read whether they converged or could divide; their twins that do not are in the table.
    ...['solveSymmetric', 'svd', 'symmetricEigen', 'cholesky', 'solve', 'inverse', 'leastSquares'],
  ]

  test('lists every operation that has a derivative', () => {
    const operations = Object.keys(autodiff).filter((name) => !others.includes(name))
    const listed = new Set(cases.map(({ name }) => name.split(' ')[0]))
    expect(operations.filter((name) => !listed.has(name))).toEqual([])
  })
})

describe('between kinds of floats', () => {
  test('cast carries tangents over and cotangents back', () => {
    const x: Tensor = { dtype: 'float64', shape: [2], data: Float64Array.of(0.5, -2) }
    const [y, derivative] = linearize((v: Value) => square(cast(v, 'float32')))(x)
    const slope = concrete(derivative.apply(x))
    const pulled = concrete(derivative.adjoint(cast(x, 'float32')))
    expect([concrete(y).dtype, slope.dtype, pulled.dtype]).toEqual(['float32', 'float32', 'float64'])
    expect(Array.from(slope.data)).toEqual([0.5, 8])
    expect(Array.from(pulled.data)).toEqual([0.5, 8])
  })
})
