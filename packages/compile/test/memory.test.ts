import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { add, evaluate, exp, mul, record, sin, sum, type Value } from '@secant/autodiff'
import { type Tensor, tensor } from '@secant/linalg'
import { afterEach, expect, test, vi } from 'vitest'
import { compileProgram, type Jitted, jit, type Target } from '../src/index.ts'
import { living } from '../src/living.ts'

// `npm run memory` is the long form: 100,000 programs, and the bytes that each call leaves behind.

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** References are held for the sake of the present job; they are let go in the next one. */
const later = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve))
    collect()
  }
}

interface Memory {
  readonly buffer: ArrayBuffer
}
type Engine = Readonly<Record<string, unknown>> & { readonly Memory: new (limits: object) => Memory }
const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly
const { Module, Instance, validate } = engine

afterEach(() => vi.unstubAllGlobals())

const xs = tensor(Array.from({ length: 20 }, (_, i) => i / 10))
const made = (target: Target, k: number): Jitted<(x: Tensor) => Value> =>
  jit((x: Value) => sum(sin(add(mul(x, k), 0.5))), { target })

test.each([
  ['javascript', 900],
  ['webassembly', 600],
] as const)('programs in %s that are dropped leave nothing in the heap', async (target, count) => {
  const held = async (from: number, to: number): Promise<number> => {
    for (let k = from; k < to; k++) made(target, k)(xs)
    await later()
    return process.memoryUsage().heapUsed
  }
  const before = await held(0, count / 3)
  const after = await held(count / 3, count)
  // A program that is kept holds 6 kB, in WebAssembly 16.
  expect((after - before) / ((2 / 3) * count)).toBeLessThan(1024)
})

test('a program is collected with its constants and its memory once nothing refers to it', async () => {
  const held: WeakRef<object>[] = []
  class Counted extends engine.Memory {
    constructor(limits: object) {
      super(limits)
      held.push(new WeakRef(this))
    }
  }
  vi.stubGlobal('WebAssembly', { Module, Instance, validate, Memory: Counted })
  const run = (target: Target): void => {
    const constant = tensor(Array.from({ length: 20 }, (_, i) => i % 3))
    const f = jit((x: Value) => mul(exp(x), constant), { target })
    held.push(new WeakRef(constant), new WeakRef(constant.data), new WeakRef(f), new WeakRef(f(xs)))
  }
  run('javascript')
  run('webassembly')
  expect(held).toHaveLength(9)
  await later()
  expect(held.map((reference) => reference.deref())).toEqual(held.map(() => undefined))
})

test('where there is no room for one more memory, JavaScript does it', () => {
  class Exhausted {
    constructor() {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory')
    }
  }
  const { program } = record((x: Value) => sum(mul(exp(x), x)))(xs)
  expect(compileProgram(program, { target: 'webassembly' }).target).toBe('webassembly')
  vi.stubGlobal('WebAssembly', { Module, Instance, validate, Memory: Exhausted })
  const { run, target } = compileProgram(program, { target: 'webassembly' })
  expect(target).toBe('javascript')
  expect(run([xs])).toEqual(evaluate(program)([xs]))
})

test('what is alive is counted, what was dropped is not', async () => {
  const { hasRoom, enter } = living(2)
  const kept = {}
  enter(kept)
  enter({})
  expect(hasRoom()).toBe(false)
  await later()
  expect(hasRoom()).toBe(true)
  enter(kept)
  expect(hasRoom()).toBe(false)
})
