import { concrete, type Value } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { key, normal, tensor, toNested } from '@secant/linalg'
import { backtracking, byLeaf, descend, fixed, iterates, minimize, sgd, steepest, strongWolfe } from '@secant/optim'
import { expect, test } from 'vitest'
import { coordinatewise, givenSteps, guarded, online } from '../src/index.ts'
import { iteratesOf, linear, measured, quadratic, unit, withSpectrum } from './policies.ts'

test('on the step sizes themselves it is hypergradient descent, step for step', () => {
  const a = withSpectrum([1, 4, 9], 7)
  const [start, beta] = [tensor([1, -2, 0.5]), 1e-3]
  const first = tensor([0.02, 0.03, 0.05])
  const learning = online(givenSteps(steepest()), first as Value, byLeaf(sgd({ rate: beta })))
  let [x, p] = [start, first]
  for (const { point, state } of iteratesOf(quadratic(a), descend(learning, fixed(1)), start, 30)) {
    for (const [i, entry] of x.data.entries()) expect(point.x.data[i]).toBeCloseTo(entry, 12)
    for (const [i, entry] of p.data.entries()) expect(concrete(state.memory.theta).data[i]).toBeCloseTo(entry, 12)
    const gradient = dense.matvec(a, x)
    x = dense.sub(x, dense.mul(p, gradient))
    p = dense.add(p, dense.mul(dense.scalar(beta), dense.mul(dense.matvec(a, x), gradient)))
  }
})

test('a network learns while it runs, and a saved state goes on to the same bits', () => {
  const f = quadratic(withSpectrum([1, 10, 100], 8))
  const policy = coordinatewise(unit, linear)
  const [theta] = policy.start(3)(key(9))
  const learning = online(policy, theta, byLeaf(sgd({ rate: 1e-3 })))
  const method = guarded(learning, backtracking(), { along: ({ after }) => after.along, search: strongWolfe() })
  const start = normal(key(10), [3])
  const run = minimize(f, start as Value, { method })
  expect(run.outcome._tag).toBe('Right')
  expect(toNested(concrete(run.state.memory.theta.weights))).not.toEqual(toNested(concrete(theta.weights)))
  const whole = iteratesOf(f, method, start, 8)
  const saved = structuredClone(whole[4]?.state as (typeof whole)[number]['state'])
  const again = iterates(measured(f, start), { ...method, init: () => saved }, start, { maxIterations: 4, until: [] })
  expect([...again].map(({ point }) => point)).toEqual(whole.slice(4).map(({ point }) => point))
})
