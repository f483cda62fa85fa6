import {
  add,
  concrete,
  flatten,
  grad,
  item,
  matmul,
  mul,
  type Operand,
  record,
  square,
  sub,
  sum,
  tanh,
  type Value,
} from '@secant/autodiff'
import { fromData, ones, type Tensor, tensor, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  acrossLeaves,
  adam,
  byLeaf,
  byPath,
  chain,
  clippedByNorm,
  descend,
  fixed,
  flatState,
  following,
  gradientNorm,
  identity,
  lars,
  lion,
  masked,
  minimize,
  momentum,
  onVector,
  type Path,
  scaled,
  sgd,
  shampoo,
  stepTree,
  type TreeUpdate,
  type Update,
  weightDecay,
} from '../src/index.ts'

interface Layer {
  readonly weight: Value
  readonly bias: Value
}
type Network = readonly Layer[]

const filled = (shape: readonly number[], f: (i: number) => number): Tensor => {
  const t = zeros(shape)
  return fromData(
    Float64Array.from(t.data, (_, i) => f(i)),
    shape,
  )
}

const network: Network = [
  { weight: filled([3, 4], (i) => Math.sin(i + 1)), bias: filled([4], (i) => Math.cos(i)) },
  { weight: filled([4, 2], (i) => Math.cos(2 * i)), bias: filled([2], (i) => Math.sin(3 * i + 1)) },
]
const inputs = filled([5, 3], (i) => Math.sin(7 * i))
const targets = filled([5, 2], (i) => Math.cos(3 * i))
const loss = (layers: Network): Value => {
  const output = layers.reduce<Value>((x, { weight, bias }) => tanh(add(matmul(x, weight), bias)), inputs)
  return sum(square(sub(output, targets)))
}

const isBias = (path: Path): boolean => path.at(-1) === 'bias'
const leavesOf = (tree: unknown): readonly Tensor[] => flatten(tree)[0].map(concrete)

const train = <S>(update: TreeUpdate<S>, count: number, from: Network = network): Network => {
  let [x, state] = [from, update.init(from)]
  for (let k = 0; k < count; k++) [x, state] = stepTree(update)(state, grad(loss)(x), x)
  return x
}

describe('by leaf', () => {
  test.each<Update<readonly Value[]>>([
    flatState(adam()),
    flatState(momentum()),
    flatState(lars()),
    flatState(shampoo()),
  ])('$name gives each leaf the steps it would have alone', (update) => {
    const trees = [network, grad(loss)(network), train(byLeaf(sgd()), 1)]
    const together = byLeaf(update)
    let state = together.init(network)
    let alone = leavesOf(network).map((leaf) => update.init(leaf))
    for (const gradients of trees) {
      const [steps, next] = together.apply(state, gradients, network)
      state = next
      alone = leavesOf(gradients).map((gradient, i) => {
        const [step, after] = update.apply(alone[i] as readonly Value[], gradient, leavesOf(network)[i] as Tensor)
        expect(leavesOf(steps)[i]).toEqual(concrete(step))
        return after
      })
    }
  })

  test('a value is the smallest tree', () => {
    const [x, g] = [tensor([1, 2]), tensor([3, 4])]
    const [one, other] = [byLeaf(adam()), adam()]
    expect(one.apply(one.init(x), g, x)[0]).toEqual(other.apply(other.init(x), g, x)[0])
  })

  test('entry by entry it makes no difference how the entries are nested', () => {
    const [apart, joined] = [byLeaf(adam()), acrossLeaves(adam())]
    expect(leavesOf(train(apart, 3))).toEqual(leavesOf(train(joined, 3)))
  })
})

describe('by path', () => {
  test('names every leaf from the root', () => {
    const seen: Path[] = []
    byPath((path) => {
      seen.push(path)
      return undefined
    }).init({ b: network, a: 1 })
    expect(seen).toEqual([['a'], ['b', 0, 'bias'], ['b', 0, 'weight'], ['b', 1, 'bias'], ['b', 1, 'weight']])
  })

  test('what is not selected keeps its bits, and what is selected is as by leaf', () => {
    const gradients = grad(loss)(network)
    const [decay, all] = [masked(weightDecay(0.1), (path) => !isBias(path)), byLeaf(weightDecay(0.1))]
    const [some] = decay.apply(decay.init(network), gradients, network)
    const [each] = all.apply(all.init(network), gradients, network)
    some.forEach(({ weight, bias }, i) => {
      expect(bias).toBe(gradients[i]?.bias)
      expect(weight).toEqual(each[i]?.weight)
    })
    expect(decay.init(network).length).toBe(2)
  })

  test('a frozen leaf keeps its bits through training', () => {
    const update = chain(byLeaf(adam({ rate: 0.1 })), masked(scaled(0), isBias))
    const trained = train(update, 5)
    trained.forEach(({ weight, bias }, i) => {
      expect(bias).toEqual(network[i]?.bias)
      expect(weight).not.toEqual(network[i]?.weight)
    })
  })

  test('different methods for different leaves, by their flat states', () => {
    const [forBias, forWeight] = [flatState(sgd({ rate: 0.01 })), flatState(shampoo({ rate: 0.1 }))]
    const update = byPath((path) => (isBias(path) ? forBias : forWeight))
    const [x] = stepTree(update)(update.init(network), network, network)
    const [expected] = stepTree(byLeaf(forWeight))(byLeaf(forWeight).init(network), network, network)
    expect(x[0]?.weight).toEqual(expected[0]?.weight)
    expect(x[0]?.bias).toEqual(concrete(sub(network[0]?.bias as Value, mul(0.01, network[0]?.bias as Value))))
    expect(item(loss(train(update, 50)))).toBeLessThan(0.5 * item(loss(network)))
  })

  test('gradients of another tree or shape are refused', () => {
    const update = byLeaf(sgd())
    const x = { a: ones([2]), b: ones([3]) }
    const state = update.init(x)
    const across = acrossLeaves(sgd())
    expect(() => across.apply<unknown>(across.init(x), { a: ones([5]) }, x)).toThrow('nested unlike the parameters')
    expect(() => update.apply<unknown>(state, { a: ones([2]) }, x)).toThrow('nested unlike the parameters')
    expect(() => update.apply(state, { a: ones([2]), b: ones([1]) }, x)).toThrow('got a gradient [1]; needs [3]')
  })
})

describe('training', () => {
  const update = chain(
    acrossLeaves(clippedByNorm(1)),
    byLeaf(adam({ rate: 1 })),
    masked(weightDecay(1e-3), (path) => !isBias(path)),
    byLeaf(scaled(0.05)),
  )

  test('a chain of trees: the whole gradient is clipped, weights decay, the loss goes down', () => {
    const first = acrossLeaves(clippedByNorm(1))
    const [clipped] = first.apply(first.init(network), grad(loss)(network), network)
    const squares = leavesOf(clipped).map((leaf) => item(sum(square(leaf))))
    expect(squares.reduce((total, part) => total + part, 0)).toBeCloseTo(1, 12)
    expect(item(loss(train(update, 60)))).toBeLessThan(0.2 * item(loss(network)))
  })

  test('the state is plain data, the step one recorded program', () => {
    const state = update.init(network)
    expect(structuredClone(state)).toEqual(state)
    const step = (at: { state: typeof state; x: Network }) => stepTree(update)(at.state, grad(loss)(at.x), at.x)
    const { program } = record(step)({ state, x: network })
    expect(program.outputs.length).toBe(flatten({ state, x: network })[0].length)
  })

  test('numbers come as values, gradients may stand beside them', () => {
    const x: { readonly a: Operand } = { a: 2 }
    const [{ a }] = stepTree(byLeaf(sgd({ rate: 0.5 })))(byLeaf(sgd()).init(x), { a: 1 }, x)
    expect(item(a)).toBe(1.5)
  })

  test('identity changes nothing', () => {
    const gradients = grad(loss)(network)
    expect(identity.apply([], gradients, network)[0]).toBe(gradients)
  })
})

describe('in minimize', () => {
  test('per-leaf updates walk as the loop over trees does, bit for bit', () => {
    const update = chain(acrossLeaves(clippedByNorm(1)), byLeaf(shampoo({ rate: 0.1 })), masked(lion(), isBias))
    const { x } = minimize(loss, network, {
      method: descend(following(onVector(update, network)), fixed(1)),
      until: [gradientNorm(0)],
      maxIterations: 20,
    })
    const walked = Array.from({ length: 21 }, (_, k) => train(update, k))
    const best = walked.reduce((a, b) => (item(loss(b)) < item(loss(a)) ? b : a))
    expect(leavesOf(x)).toEqual(leavesOf(best))
  })

  test('layer by layer differs from all in one', () => {
    const all = { until: [gradientNorm(0)], maxIterations: 3 }
    const whole = minimize(loss, network, { method: descend(following(lars({ trust: 0.1 })), fixed(1)), ...all })
    const layered = minimize(loss, network, {
      method: descend(following(onVector(byLeaf(lars({ trust: 0.1 })), network)), fixed(1)),
      ...all,
    })
    expect(leavesOf(layered.x)).not.toEqual(leavesOf(whole.x))
  })
})
