import {
  add,
  checkpoint,
  evaluate,
  grad,
  hvp,
  isStepOf,
  matmul,
  mul,
  type Program,
  record,
  recordValues,
  scan,
  scanInSegments,
  scanPrimitive,
  sin,
  sub,
  sum,
  tanh,
  type Value,
  valueAndGrad,
} from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { compileProgram } from '../src/index.ts'
import { withKeptResults } from '../src/kept-results.ts'
import { simplified } from '../src/simplify.ts'

const filled = (count: number, seed: number): Tensor =>
  tensor(Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed)))
const [rows, columns] = [24, 17]
const matrix: Tensor = { ...filled(rows * columns, 1), shape: [rows, columns] } as Tensor
const x = filled(columns, 2)
const square: Tensor = { ...filled(columns * columns, 3), shape: [columns, columns] } as Tensor

/** How often an operation stands in the loops of a program, as its lines count and not its steps. */
const inLoops = (name: string, { steps }: Program): number =>
  steps.reduce(
    (total, step) =>
      isStepOf(step, scanPrimitive)
        ? total + step.params.body.steps.filter(({ primitive }) => primitive.name === name).length
        : total,
    0,
  )

const f = (z: Value): Value => sum(tanh(matmul(matrix, z)))
const descended =
  (
    loop: typeof scan | typeof scanInSegments = scan,
    wrapped: (step: (z: Value) => Value) => (z: Value) => Value = (s) => s,
  ) =>
  (step: Value): Value => {
    const next = wrapped((z) => sub(z, mul(step, grad(f)(z))))
    return f(loop((z: Value) => [next(z), null], { length: 4 })(x, null)[0])
  }
const at = tensor(0.1)

describe('what a loop has computed', () => {
  const { program } = record(valueAndGrad(descended()))(at)
  const kept = simplified(program).at(-1)?.program as Program

  test('is not computed again in its derivative', () => {
    // A step of descent takes two products, and its derivative two of its own.
    expect(inLoops('matmul', program)).toBeGreaterThan(4)
    expect(inLoops('matmul', kept)).toBe(4)
    expect(inLoops('tanh', kept)).toBe(1)
    // The last carry, and as rows the carries, what tanh returned, and the slope; not the product under tanh.
    expect(kept.steps.find((step) => isStepOf(step, scanPrimitive))?.outs).toHaveLength(4)
  })

  test.each<readonly [string, (z: Value) => Value, Tensor]>([
    ['a gradient', grad(descended()), at],
    ['a product with the Hessian', (s) => hvp(descended())(s, s), at],
    ['a gradient of a gradient', grad((s: Value) => mul(s, grad(descended())(s))), at],
    ['segments', grad(descended(scanInSegments)), at],
    [
      'a loop from the last row',
      grad((z: Value) =>
        sum(scan((c: Value, row: Value) => [sin(mul(c, row)), tanh(c)], { reverse: true })(tensor(0.5), z)[1]),
      ),
      x,
    ],
    [
      'a carry that is itself what is kept',
      grad((z: Value) => sum(scan((c: Value) => [tanh(c), null], { length: 3 })(z, null)[0])),
      x,
    ],
    [
      'rows of one loop that are the carry of the next',
      (z) => {
        const w = mul(z, z)
        const first = (c: Value, [row, other]: readonly [Value, Value]) => [mul(c, 0.5), sin(mul(row, other))] as const
        const [, ys] = scan(first)(tensor(1), [z, w])
        const step = (d: Value, [other, y]: readonly [Value, Value]) => [mul(d, y), sum(sin(mul(d, other)))] as const
        return sum(scan(step)(z, [w, ys])[1])
      },
      x,
    ],
    [
      'a carry of one loop that is rows of the next',
      (z) => {
        const w = mul(z, z)
        const [, ys] = scan((c: Value, other: Value) => [mul(c, 0.5), sum(sin(mul(c, other)))])(z, w)
        const step = (d: Value, [row, other, y]: readonly [Value, Value, Value]) =>
          [mul(d, y), mul(d, sin(mul(row, other)))] as const
        return sum(scan(step)(tensor(1), [z, w, ys])[1])
      },
      x,
    ],
    [
      'rows of one loop that are a constant of the next',
      (z) => {
        const w = mul(z, z)
        const first = (c: Value, [row, other]: readonly [Value, Value]) => [mul(c, 0.5), sin(mul(row, other))] as const
        const [, ys] = scan(first)(tensor(1), [z, w])
        const step = (d: Value, [other, y]: readonly [Value, Value]) => [mul(d, y), sum(sin(mul(z, other)))] as const
        return sum(scan(step)(tensor(1), [w, ys])[1])
      },
      x,
    ],
    [
      'sums of rows and of columns',
      (z) => {
        const along = (axis: number, c: Value): Value => tanh(sum(c, { axes: [axis] }))
        const first = (c: Value) => [mul(c, 0.5), [c, along(0, c)] as const] as const
        const [, [before]] = scan(first, { length: 3 })(mul(square, sum(z)), null)
        return sum(scan((d: Value, y: Value) => [add(d, along(1, y)), null])(z, before)[0])
      },
      x,
    ],
  ])('has the bits of the evaluator: %s', (_, g, z) => {
    const { program } = recordValues(([s]) => [g(s as Value)], [z])
    const all = withKeptResults(program, { terms: 1, entries: Infinity })
    expect(evaluate(all)([z])).toEqual(evaluate(program)([z]))
    for (const unrolled of [undefined, 0])
      expect(compileProgram(program, { target: 'javascript', unrolled }).run([z])).toEqual(evaluate(program)([z]))
  })

  test('is computed again where it would take too much memory, or was asked not to be kept', () => {
    const size = 4 * (rows + columns)
    expect(withKeptResults(program, { terms: 1, entries: 0 })).toBe(program)
    expect(inLoops('matmul', withKeptResults(program, { terms: columns + rows, entries: Infinity }))).toBeGreaterThan(4)
    expect(inLoops('matmul', withKeptResults(program, { terms: 1, entries: size }))).toBeLessThan(
      inLoops('matmul', withKeptResults(program, { terms: 1, entries: size - 1 })),
    )
    const again = record(valueAndGrad(descended(scan, checkpoint)))(at).program
    expect(withKeptResults(again)).toBe(again)
  })
})
