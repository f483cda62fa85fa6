import { adjointOf, scalar, selfAdjoint, type Tensor, tensor, toNested } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  add,
  checkDerivatives,
  concrete,
  cos,
  customDerivative,
  div,
  evaluate,
  exp,
  grad,
  greater,
  hvp,
  item,
  jvp,
  linearize,
  mul,
  neg,
  record,
  scale,
  scan,
  showChecks,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  type Value,
  vmap,
} from '../src/index.ts'

describe('customDerivative', () => {
  /** sin with a rule that is written by hand. */
  const mySin = customDerivative(sin, (x: Value) => [sin(x), selfAdjoint((v: Value) => scale(v, cos(x)))])
  const x = tensor([0.3, -2, 0])

  test('agrees with the built-in rule, in every mode and order', () => {
    expect(checkDerivatives(mySin, x as Value, { order: 3 }).agrees).toBe(true)
    const [f, g] = [(p: Value) => sum(mul(p, mySin(p))), (p: Value) => sum(mul(p, sin(p)))]
    expect(toNested(concrete(hvp(f)(x, x)))).toEqual(toNested(concrete(hvp(g)(x, x))))
  })

  test('is what derivatives follow, not the function', () => {
    const wrong = customDerivative(square, (p: Value) => [square(p), selfAdjoint((v: Value) => mul(7, v))])
    expect([item(wrong(scalar(3))), item(grad(wrong)(scalar(3)))]).toEqual([9, 7])
    expect(item(grad(grad(wrong))(scalar(3)))).toBe(0)
    expect(toNested(concrete(vmap(grad(wrong))(tensor([1, 2]))))).toEqual([7, 7])
    expect(toNested(concrete(grad((p: Value) => sum(vmap(wrong)(p)))(tensor([1, 2]))))).toEqual([7, 7])
  })

  test('is recorded as one step and evaluated again, derivatives too', () => {
    const { program } = record((p: Value) => mySin(mul(2, p)))(scalar(0))
    expect(program.steps.map(({ primitive }) => primitive.name)).toEqual(['mul', 'custom'])
    const again = (p: Value): Value => evaluate(program)([p])[0] as Value
    expect(item(again(scalar(1)))).toBe(Math.sin(2))
    expect(item(grad(again)(scalar(1)))).toBe(2 * Math.cos(2))
  })

  test('works on trees, and leaves shared arguments of a batch shared', () => {
    interface Line {
      readonly slope: Value
      readonly at: Value
    }
    const product = customDerivative(
      ({ slope, at }: Line) => ({ y: mul(slope, at) }),
      ({ slope, at }) => [
        { y: mul(slope, at) },
        {
          apply: (v) => ({ y: add(mul(v.slope, at), mul(slope, v.at)) }),
          adjoint: ({ y }) => ({ slope: mul(y, at), at: mul(y, slope) }),
        },
      ],
    )
    const total = (slope: Value): Value => sum(vmap((at: Value) => product({ slope, at }).y)(tensor([1, 2, 4])))
    expect(item(grad(total)(scalar(3)))).toBe(7)
    expect(item(jvp(total)(scalar(3), scalar(1))[1])).toBe(7)
    expect(
      toNested(
        concrete(
          grad((at: Value) => sum(vmap((p: Value) => product({ slope: scalar(3), at: p }).y)(at)))(tensor([1, 2])),
        ),
      ),
    ).toEqual([3, 3])
  })

  test('an implicit function found by a loop that reads numbers: √a by Newton', () => {
    const iterate = (a: Value): Value => {
      let y: Value = stopGradient(a)
      for (let k = 0; k < 100; k++) {
        const next = mul(0.5, add(y, div(a, y)))
        if (Math.abs(item(sub(next, y))) <= 1e-15 * Math.abs(item(y))) break
        y = next
      }
      return y
    }
    const root: (a: Value) => Value = customDerivative(iterate, (a) => {
      const y = root(a)
      return [y, selfAdjoint((v: Value) => div(v, mul(2, y)))]
    })
    expect(item(root(scalar(2)))).toBeCloseTo(Math.SQRT2, 14)
    expect(item(grad(root)(scalar(4)))).toBeCloseTo(0.25, 15)
    expect(item(grad(grad(root))(scalar(4)))).toBeCloseTo(-1 / 32, 15)
    expect(item(jvp(grad(root))(scalar(4), scalar(1))[1])).toBeCloseTo(-1 / 32, 15)
  })

  test('a rule of the wrong shape is told', () => {
    const bad = customDerivative(
      (p: Value) => sum(p),
      (p) => [sum(p), { apply: (v) => sum(v), adjoint: (w) => w }],
    )
    expect(() => grad(bad)(tensor([1, 2]))).toThrow('customDerivative: adjoint: got float64 []; needs float64 [2]')
  })

  test('a traced value that is closed over is refused: only the argument is differentiated', () => {
    const scaled = (factor: Value): ((p: Value) => Value) =>
      customDerivative(
        (p: Value) => mul(p, factor),
        (p) => [mul(p, factor), selfAdjoint((v: Value) => mul(v, factor))],
      )
    const needs = 'customDerivative: got a function that closes over a traced value; needs it in the argument'
    expect(() => record((x: Value) => scaled(x)(add(x, 1)))(scalar(0))).toThrow(needs)
    expect(() => scan((c: Value, x: Value) => [scaled(x)(c), null])(scalar(1), tensor([2, 3]))).toThrow(needs)
    const bent = (factor: Value): Value =>
      scan(
        (c: Value, _: null) => [
          customDerivative(sin, (p: Value) => [sin(p), selfAdjoint((v: Value) => mul(v, factor))])(c),
          null,
        ],
        { length: 2 },
      )(factor, null)[0]
    expect(() => grad(bent)(scalar(1))).toThrow('customDerivative: got a rule that closes over a traced value')
    expect(item(scan((c: Value, x: Value) => [mul(scaled(scalar(2))(c), x), null])(scalar(1), tensor([2, 3]))[0])).toBe(
      24,
    )
  })

  test('a rule may go either way only', () => {
    const backward = customDerivative(
      (p: Value) => exp(p),
      (p) => [exp(p), adjointOf({ apply: (w: Value) => mul(w, exp(p)), adjoint: () => { throw new Error('reverse only') } })], // biome-ignore format: one line
    )
    expect(item(grad(backward)(scalar(0)))).toBe(1)
    expect(() => jvp(backward)(scalar(0), scalar(1))).toThrow('reverse only')
  })
})

describe('checkDerivatives', () => {
  test('finds a wrong derivative, and shows where', () => {
    const wrong = customDerivative(square, (p: Value) => [square(p), selfAdjoint((v: Value) => mul(3, mul(p, v)))])
    const report = checkDerivatives((p: Value) => sum(wrong(p)), tensor([1, 2]) as Value)
    expect(report.agrees).toBe(false)
    expect(report.checks).toHaveLength(6)
    expect(showChecks(report)).toContain('NO')
  })

  test('finds a derivative whose modes disagree', () => {
    const lopsided = customDerivative(
      (p: Value) => neg(p),
      (p) => [neg(p), { apply: (v) => neg(v), adjoint: (w) => mul(-2, w) }],
    )
    const { checks } = checkDerivatives((p: Value) => sum(lopsided(p)), tensor([1, 2]) as Value, { order: 1 })
    expect(checks.every(({ agrees, forward, difference }) => !agrees && Math.abs(forward - difference) < 1e-9)).toBe(
      true,
    )
  })

  test('accepts trees, several results and both kinds of floats', () => {
    const f = ({ a, b }: { readonly a: Value; readonly b: readonly Value[] }) => [sum(exp(a)), mul(a, b[0] as Value)]
    const at = { a: tensor([0.1, 0.2]) as Value, b: [tensor([3, 4])] }
    expect(checkDerivatives(f, at, { order: 3, directions: 4 }).agrees).toBe(true)
    const narrow = checkDerivatives((p: Value) => sum(exp(p)), tensor([0.1, 0.2], 'float32') as Value, { order: 1 })
    expect(narrow.agrees).toBe(true)
  })

  test('a step is a point of linearize: constants stay constants', () => {
    const [y, derivative] = linearize((p: Value) => greater(p, 0))(scalar(1) as Value)
    expect(concrete(y).dtype).toBe('bool')
    expect((concrete(derivative.apply(scalar(1))) as Tensor).dtype).toBe('bool')
  })
})
