import {
  add,
  bind,
  currentInterpreter,
  evaluate,
  grad,
  type Interpreter,
  interpretWith,
  mul,
  type Program,
  recordValues,
  sin,
  sum,
  type Value,
  type Values,
} from '@secant/autodiff'
import { fromData, isFloat, type Tensor, unitRoundoff, zeros } from '@secant/linalg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Case, randomCases } from '../../../test/programs/random-programs.ts'
import { compileProgram } from '../src/index.ts'

const derivative =
  (f: (xs: Values) => Values) =>
  (xs: Values): Values =>
    grad((ys: Values) =>
      f(ys).reduce<Value>((total, y) => add(total, sum(mul(y, sin(y)))), zeros([], xs[0]?.dtype ?? 'float64')),
    )(xs)

/** Every result of an operation moved by up to a few units in its last place. */
const noisy = (seed: number): Interpreter => {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
  const outer = currentInterpreter()
  const moved = (x: Tensor): Tensor =>
    isFloat(x)
      ? fromData(x.data.map((a: number) => a * (1 + 4 * unitRoundoff(x.dtype) * random())) as Float64Array, x.shape)
      : x
  return {
    name: 'noise',
    bind: (primitive, args, params) =>
      interpretWith(outer, () => bind(primitive, args, params)).map((x) => moved(x as Tensor)),
  }
}

const runNoisy = (program: Program, xs: readonly Tensor[], seed: number): readonly Tensor[] =>
  interpretWith(noisy(seed), () => evaluate(program)(xs)) as readonly Tensor[]

/** What rounding of each operation may do to each entry, from runs in which it is exaggerated. */
const spread = (program: Program, xs: readonly Tensor[], exact: readonly Tensor[]): readonly number[][] => {
  const runs = Array.from({ length: 8 }, (_, seed) => runNoisy(program, xs, seed + 1))
  return exact.map(({ data, dtype }, k) =>
    Array.from(data, (value, i) => {
      const off = Math.max(...runs.map((run) => Math.abs(((run[k] as Tensor).data[i] as number) - value)))
      return 8 * off + 4 * unitRoundoff(dtype) * Math.abs(value)
    }),
  )
}

const agree = (f: (xs: Values) => Values, xs: readonly Tensor[]): readonly [allFinite: boolean, target: string] => {
  const { program } = recordValues(f, xs)
  const { run, target } = compileProgram(program, { target: 'webassembly', unrolled: 1 })
  const exact = evaluate(program)(xs) as readonly Tensor[]
  const results = run(xs)
  const bounds = spread(program, xs, exact)
  let allFinite = true
  exact.forEach(({ data, shape, dtype }, k) => {
    const result = results[k] as Tensor
    expect([result.dtype, result.shape]).toEqual([dtype, shape])
    data.forEach((value, i) => {
      const bound = bounds[k]?.[i] as number
      if (Number.isFinite(bound)) expect(Math.abs((result.data[i] as number) - value)).toBeLessThanOrEqual(bound)
      else allFinite = false
    })
  })
  return [allFinite, target]
}

const orders: readonly (readonly [string, (f: Case['f']) => Case['f'], number])[] = [
  ['values', (f) => f, 100],
  ['first derivatives', derivative, 50],
  ['second derivatives', (f) => derivative(derivative(f)), 15],
]

describe.each(['float64', 'float32'] as const)('random programs in %s', (dtype) => {
  test.each(orders)('%s: WebAssembly = evaluator, to what its rounding may do', (_, of, numRuns) => {
    let [compared, inWasm] = [0, 0]
    fc.assert(
      fc.property(randomCases(dtype, { smooth: true }), ({ f, xs }) => {
        const [allFinite, target] = agree(of(f), xs)
        if (allFinite) compared++
        if (target === 'webassembly') inWasm++
      }),
      { numRuns },
    )
    expect(compared).toBeGreaterThan(numRuns / 2)
    expect(inWasm).toBeGreaterThan(numRuns / 2)
  })
})
