import {
  add,
  bind,
  broadcastTo,
  concrete,
  dot,
  grad,
  hvp,
  item,
  jvp,
  linearize,
  matmul,
  max,
  mean,
  mul,
  neg,
  type Operand,
  pad,
  primitive,
  record,
  reshape,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  tanh,
  transpose,
  type Value,
  valueAndGrad,
  vmap,
} from '@secant/autodiff'
import { allocate, scalar, type Tensor, tensor, zeros } from '@secant/linalg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { compileProgram, explainCompilation, jit } from '../src/index.ts'

const filled = (shape: readonly number[], seed = 1): Tensor => {
  const data = allocate(
    'float64',
    shape.reduce((a, b) => a * b, 1),
  )
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(12.9898 * (i + 1) + 78.233 * seed)
  return { dtype: 'float64', shape, data }
}

const features = filled([40, 7])
const labels = tensor(Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 1 : -1)))

const logistic = (w: Value): Value => add(mean(softplus(neg(mul(labels, matmul(features, w))))), mul(0.05, dot(w, w)))

const network = ({ a, b, shift }: { a: Value; b: Value; shift: Value }): Value => {
  const hidden = sigmoid(add(matmul(features, a), shift))
  return mean(tanh(matmul(hidden, b)))
}
const weights = { a: filled([7, 5], 2), b: filled([5, 3], 3), shift: filled([5], 4) }

describe('compiled to JavaScript = called, bit for bit', () => {
  const w = filled([7], 5)
  const v = filled([7], 6)
  const functions: readonly (readonly [string, (...args: never[]) => unknown, readonly unknown[]])[] = [
    ['a value', logistic, [w]],
    ['a gradient', grad(logistic), [w]],
    ['value and gradient', valueAndGrad(logistic), [w]],
    ['a Hessian times a vector', (x: Value, u: Value) => hvp(logistic)(x, u), [w, v]],
    ['a derivative in a direction', (x: Value, u: Value) => jvp(logistic)(x, u), [w, v]],
    ['a third derivative', grad((x: Value) => dot(v, hvp(logistic)(x, v))), [w]],
    ['a batch', vmap(logistic), [filled([6, 7], 7)]],
    ['a batch of gradients', vmap(grad(logistic)), [filled([6, 7], 7)]],
    ['a gradient of a batch', grad((xs: Value) => sum(vmap(logistic)(xs))), [filled([6, 7], 7)]],
    ['a tree', valueAndGrad(network), [weights]],
    ['its own argument', (x: Value) => x, [w]],
    ['its argument in another shape, twice', (x: Value) => [reshape(x, [1, 7]), x], [w]],
    ['part of its argument', (x: Value) => slice(x, [1], [5], [2]), [w]],
    ['constants', () => [features, 3, null], []],
    ['results that are other results', (x: Value) => [tanh(x), reshape(tanh(x), [7, 1]), mul(1, tanh(x))], [w]],
    ['a transpose and its transpose', (x: Value) => [transpose(x), transpose(transpose(x))], [filled([20, 30])]],
    ['a number repeated, with zeros around it', (x: Value) => pad(broadcastTo(sum(x), [20, 30]), [0, 1], [2, 0]), [w]],
    ['nothing to loop over', (x: Value) => [sum(x), mul(2, x)], [zeros([0, 3])]],
  ]

  test.each(functions)('%s', (_, f, args) => {
    const compiled = jit(f as (...args: readonly unknown[]) => unknown, { target: 'javascript' })
    const expected = (f as (...args: readonly unknown[]) => unknown)(...args)
    expect(compiled(...args)).toEqual(expected)
    expect(compiled(...args)).toEqual(expected)
    expect(compiled.statistics().compilations).toBe(1)
  })

  test('a training step, its rate and count as inputs', () => {
    interface Training {
      readonly weights: typeof weights | { a: Value; b: Value; shift: Value }
      readonly speed: { a: Value; b: Value; shift: Value }
      readonly count: Operand
    }
    const step = ({ weights: at, speed, count }: Training, rate: Operand): Training => {
      const g = grad(network)(at)
      const move = <K extends 'a' | 'b' | 'shift'>(key: K): Value => add(mul(0.9, speed[key]), g[key])
      const moved = { a: move('a'), b: move('b'), shift: move('shift') }
      const next = (key: 'a' | 'b' | 'shift'): Value => sub(at[key], mul(rate, moved[key]))
      return { weights: { a: next('a'), b: next('b'), shift: next('shift') }, speed: moved, count: add(count, 1) }
    }
    const compiled = jit(step, { target: 'javascript' })
    let [eager, fast]: [Training, Training] = [
      { weights, speed: weights, count: 0 },
      { weights, speed: weights, count: 0 },
    ]
    for (let k = 1; k <= 5; k++) [eager, fast] = [step(eager, 1 / k), compiled(fast, 1 / k)]
    expect(fast).toEqual(eager)
    // The count begins as a number and comes back as a value.
    expect(compiled.statistics().compilations).toBe(2)
  })
})

describe('what a compiled function keeps', () => {
  test('one program for numbers that change, another one for shapes, dtypes and nestings that do', () => {
    const f = jit(({ x }: { readonly x: Value | readonly Value[] }, rate: Operand, mode: 'sum' | 'mean') => {
      const value = 'shape' in x ? (x as Value) : add((x as readonly Value[])[0] as Value, 1)
      return mul(rate, mode === 'sum' ? sum(value) : mean(value))
    })
    const programs = (): number => f.statistics().programs
    expect(item(f({ x: tensor([1, 2]) }, 0.5, 'sum'))).toBe(1.5)
    expect(item(f({ x: tensor([3, 4]) }, 2, 'sum'))).toBe(14)
    expect(item(f({ x: tensor([3, 4]) }, scalar(2), 'sum'))).toBe(14)
    expect(programs()).toBe(2) // a number and a value are told apart: float32 numbers depend on it
    f({ x: tensor([3, 4, 5]) }, 2, 'sum')
    expect(programs()).toBe(3)
    f({ x: tensor([3, 4, 5], 'float32') }, 2, 'sum')
    expect(programs()).toBe(4)
    f({ x: [tensor([3, 4, 5])] }, 2, 'sum')
    expect(programs()).toBe(5)
    expect(item(f({ x: tensor([3, 4]) }, 2, 'mean'))).toBe(7)
    expect(programs()).toBe(6)
    expect(f.statistics().compilations).toBe(6)
  })

  test('trees with odd keys, and keys that are there or not', () => {
    const odd = (value: unknown): Readonly<Record<string, unknown>> =>
      JSON.parse('{"__proto__": null, "a b": null, "constructor": null}', (key, x) => (key === '' ? x : value))
    const f = (tree: Readonly<Record<string, unknown>>): unknown => ({ ...tree, more: mul(2, tree['a b'] as Value) })
    const compiled = jit(f)
    const tree = odd(scalar(3))
    expect(Object.keys(tree)).toEqual(['__proto__', 'a b', 'constructor'])
    for (let i = 0; i < 2; i++) expect(compiled(tree)).toEqual(f(tree))
    const wider = { ...odd(scalar(4)), other: 'text' }
    for (let i = 0; i < 2; i++) expect(compiled(wider)).toEqual(f(wider))
    expect(compiled({ ...wider, other: 'another text' })).toMatchObject({ other: 'another text' })
    expect(compiled.statistics().compilations).toBe(3)
  })

  test('numbers beside float32 are float32', () => {
    const f = (x: Value, rate: Operand): Value => mul(rate, x)
    const x = tensor([1, 2, 3], 'float32')
    expect(jit(f)(x, 0.1)).toEqual(f(x, 0.1))
  })

  test('the programs used last, up to a limit', () => {
    const f = jit((x: Value) => mul(2, x), { limit: 2 })
    for (const n of [1, 2, 1, 3, 1]) f(zeros([n]))
    expect(f.statistics()).toMatchObject({ compilations: 3, programs: 2 })
    f(zeros([2]))
    expect(f.statistics().compilations).toBe(4)
  })

  test('what is closed over is frozen at the first call', () => {
    let factor = 2
    const f = jit((x: Value) => mul(factor, x))
    expect(item(f(scalar(1)))).toBe(2)
    factor = 3
    expect(item(f(scalar(1)))).toBe(2)
  })
})

describe('results are the caller’s', () => {
  const f = (x: Value): readonly Value[] => {
    const y = tanh(x)
    const z = add(y, mean(y))
    return [sub(z, sum(z)), reshape(z, [z.shape[0] as number, 1]), sum(z)]
  }

  test('a second call does not change the first result', () => {
    const compiled = jit(f)
    const first = compiled(filled([50])).map(concrete)
    const kept = first.map(({ data }) => data.slice())
    compiled(filled([50], 9))
    expect(first.map(({ data }) => data)).toEqual(kept)
  })

  test('writing to a result does not change the next one', () => {
    const compiled = jit(f)
    const expected = f(filled([50]))
    for (const y of compiled(filled([50]))) concrete(y).data.fill(7)
    expect(compiled(filled([50]))).toEqual(expected)
  })

  test('an operation that hands on its argument does not hand out memory of the program', () => {
    const same = primitive<undefined>({
      name: 'same',
      typeOf: ([x]) => x as Tensor,
      impl: ([x]) => x as Tensor,
      partials: [undefined],
      batch: ([x]) => x as Value,
    })
    const through = (x: Value): Value => bind(same, [mul(2, x)], undefined)[0] as Value
    const compiled = jit((x: Value) => {
      const y = through(x)
      return [y, sum(mul(y, y))] as const
    })
    const [first] = compiled(filled([40]))
    const kept = concrete(first).data.slice()
    compiled(filled([40], 2))
    expect(concrete(first).data).toEqual(kept)
  })

  test('called from within itself it still gives the right numbers', () => {
    let inner: ((x: Value) => Value) | undefined
    const again = primitive<undefined>({
      name: 'again',
      typeOf: ([x]) => x as Tensor,
      impl: ([x]) =>
        item(sum(x as Tensor)) > 100 ? concrete((inner as (x: Value) => Value)(mul(0.01, x as Tensor))) : (x as Tensor),
      partials: [undefined],
      batch: ([x]) => x as Value,
    })
    const f = (x: Value): Value => {
      const y = add(mul(x, x), 1)
      return add(bind(again, [y], undefined)[0] as Value, y)
    }
    const compiled = jit(f)
    inner = f
    const expected = f(filled([60]))
    const big = f(mul(3, filled([60])))
    inner = compiled
    expect(compiled(filled([60]))).toEqual(expected)
    expect(compiled(concrete(mul(3, filled([60]))))).toEqual(big)
  })
})

describe('transformations', () => {
  test('under another interpreter the function itself is called', () => {
    const f = (x: Value): Value => sum(mul(x, tanh(x)))
    const compiled = jit(f)
    const x = filled([5])
    expect(grad(compiled)(x)).toEqual(grad(f)(x))
    expect(vmap(compiled)(filled([3, 5]))).toEqual(vmap(f)(filled([3, 5])))
    expect(record(compiled)(x).program.steps).toHaveLength(3)
    expect(compiled.statistics().compilations).toBe(0)
    expect(jit(grad(compiled))(x)).toEqual(grad(f)(x))
  })

  test('derivatives inside are kept apart', () => {
    // d/dx (x · d/dy (x y) at 1) = 2 x
    const f = grad((x: Value) => mul(x, grad((y: Value) => mul(x, y))(scalar(1))))
    expect(item(jit(f)(scalar(3)))).toBe(6)
  })

  test('values of a finished transformation are refused', () => {
    let leaked: Value = scalar(0)
    linearize((x: Value) => {
      leaked = x
      return x
    })(scalar(1))
    expect(() => jit((x: Value) => mul(x, leaked))(scalar(2))).toThrow('jit: got a function that closes over 1 value')
  })

  test('a number that depends on the arguments cannot be read', () => {
    const f = jit((x: Value) => (item(x) > 0 ? x : neg(x)))
    expect(() => f(scalar(1))).toThrow('not known while recording')
    expect(f.statistics().programs).toBe(0)
  })

  test('promises, iterators and bare arrays of numbers are refused', () => {
    expect(() => jit(async (x: Value) => x)(scalar(1))).toThrow('jit: got a Promise')
    expect(() =>
      jit(function* (x: Value) {
        yield x
      })(scalar(1)),
    ).toThrow('jit: got a')
    expect(() => jit((x: unknown) => x)({ x: Float64Array.of(1) })).toThrow('jit: got a Float64Array at [0].x')
  })

  test('a mistake in the numbers is told by every call', () => {
    const f = jit((x: Value) => sum(max(x)))
    expect(() => f(zeros([0]))).toThrow('max: got [0]')
    expect(() => f(zeros([0]))).toThrow('max: got [0]')
  })
})

describe('where code generation is not allowed', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('the evaluator runs the same program', () => {
    vi.stubGlobal('Function', () => {
      throw new EvalError('Code generation from strings disallowed for this context')
    })
    const f = valueAndGrad(logistic)
    const w = filled([7])
    const { program } = record(f)(w)
    expect(compileProgram(program).target).toBe('evaluator')
    expect(jit(f)(w)).toEqual(f(w))
  })
})

describe('explanations', () => {
  test('show the program before and after each pass, and the code', () => {
    const text = explainCompilation((x: Value) => add(mul(1, x), sum(mul(x, x))))(zeros([40]))
    expect(text).toContain('-- recorded: 4 steps')
    expect(text).toContain('-- what is only handed on: 3 steps')
    expect(text).toContain('-- javascript, 0 bytes between loops')
    expect(text).toContain('for (let i0 = 0; i0 < 40; i0 += 4)')
  })
})
