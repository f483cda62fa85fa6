import { currentInterpreter, evaluator } from '@secant/autodiff'
import { afterEach, expect } from 'vitest'

afterEach(() => {
  expect(currentInterpreter(), 'the current interpreter after a test').toBe(evaluator)
})
