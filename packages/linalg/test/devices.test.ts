import * as E from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as on from '../src/gpu/index.ts'
import {
  cpu,
  type Device,
  type DeviceTensor,
  deviceOf,
  type Engine,
  gpu,
  hostEngine,
  type Identity,
  read,
  type Scope,
  upload,
  within,
  withScope,
} from '../src/gpu/index.ts'
import { keeps, selfTest } from '../src/gpu/self-test.ts'
import { matmul, type Tensor, tensor, toNested } from '../src/index.ts'
import { numbered } from './entries.ts'
import { right } from './matrices.ts'

const identity: Identity = {
  backEnd: 'cpu',
  renderer: 'a test',
  software: true,
  precision: 'float64',
  unitRoundoff: 2 ** -53,
}

/** Runs in a scope what returns nothing. */
const inScope = (device: Device, body: (scope: Scope) => void): Promise<E.Either<unknown, undefined>> =>
  withScope(device, (scope) => async () => {
    body(scope)
    return E.right(undefined)
  })()

describe('scopes', () => {
  test('free what was made in them', async () => {
    const device = cpu()
    await inScope(device, (scope) => {
      const a = upload(scope, numbered([3, 3]))
      on.matmul(scope, on.matmul(scope, a, a), a)
    })
    expect(device.live()).toBe(0)
  })

  test('free it also where the body throws', async () => {
    const device = cpu()
    const broken = inScope(device, (scope) => {
      upload(scope, numbered([3, 3]))
      throw new Error('a mistake of the body')
    })
    await expect(broken).rejects.toThrow('a mistake of the body')
    expect(device.live()).toBe(0)
  })

  test('an inner one keeps what it returns', async () => {
    const device = cpu()
    const result = await withScope(device, (scope) => {
      const kept = within(scope, (inner) =>
        on.zip(inner, on.add, upload(inner, tensor([1, 2])), upload(inner, tensor([3, 4]))),
      )
      return async () => {
        const found = await read(kept)()
        expect(device.live()).toBe(1)
        return found
      }
    })()
    expect(toNested(right(result))).toEqual([4, 6])
  })

  test('ten thousand steps leave nothing behind', async () => {
    const device = right(await gpu({ mode: 'webasm' })())
    const most = await withScope(device, (scope) => async () => {
      const step = upload(scope, tensor([1, 0.5]))
      let x = upload(scope, tensor([0, 0]))
      let most = 0
      for (let k = 1; k <= 10_000; k++) {
        const before = x
        x = within(scope, (inner) => on.zip(inner, on.add, before, on.zip(inner, on.mul, step, on.number(inner, 1))))
        on.release(scope, before)
        if (k % 100 === 0) {
          expect(right(await read(x)()).data[0]).toBe(k)
          most = Math.max(most, device.live())
        }
      }
      return E.right(most)
    })()
    expect(right(most)).toBe(2)
    expect(device.live()).toBe(0)
    await device.close()
  }, 60_000)
})

describe('mistakes are thrown before anything is launched', () => {
  const cases: readonly (readonly [string, (scope: Scope, a: DeviceTensor, x: DeviceTensor) => unknown])[] = [
    ['matmul: got [2, 3] · [2, 3]; needs', (scope, a) => on.matmul(scope, a, a)],
    ['matvec: got [2, 3] · [2]; needs', (scope, a, x) => on.matvec(scope, a, x)],
    ['outer: got [2, 3] · [2]; needs', (scope, a, x) => on.outer(scope, a, x)],
    ['rankOne: got [2, 3] · [2] · [2]; needs', (scope, a, x) => on.rankOne(scope, a, 1, x, x)],
    ['rankTwo: got [2, 3] · [2] · [2]; needs', (scope, a, x) => on.rankTwo(scope, a, 1, x, x)],
    [
      'addProduct: got [2, 3] · [2, 3] · [2, 3]; needs',
      (scope, a) => on.addProduct(scope, a, 1, a, a, { transposeB: true }),
    ],
    ['broadcast: got [2, 3] and [2]; needs', (scope, a, x) => on.zip(scope, on.add, a, x)],
    ['exp: got 2 arguments; needs 1', (scope, a) => on.zip(scope, on.exp, a, a)],
    ['sum: got axes [2]; needs', (scope, a) => on.sum(scope, a, [2])],
    ['reshape: got [2, 3] for [5]; needs', (scope, a) => on.reshape(scope, a, [5])],
    ['transpose: got axes [0] for [2, 3]; needs', (scope, a) => on.transpose(scope, a, [0])],
    ['broadcast: got [2] for [2, 3] along [0]; needs [3]', (scope, _, x) => on.broadcast(scope, x, [2, 3], [0])],
    ['slice: got [0,1] to [2,4] of [2, 3]; needs', (scope, a) => on.slice(scope, a, [0, 1], [2, 4])],
    ['takeRows: got rows [2] of [2, 3]; needs', (scope, a) => on.takeRows(scope, a, [2])],
    ['stack: got [2, 3] and [2]; needs', (scope, a, x) => on.stack(scope, a, x)],
    ['solveTriangular: got [2, 3], [2]; needs', (scope, a, x) => on.solveTriangular(scope, a, x, { lower: true })],
    ['upload: got shape [0]; needs', (scope) => upload(scope, tensor([]))],
  ]
  test.each(cases)('%s', async (message, mistake) => {
    const device = cpu()
    await inScope(device, (scope) => {
      const [a, x] = [upload(scope, numbered([2, 3])), upload(scope, tensor([1, 2]))]
      const before = scope.values.size
      expect(() => mistake(scope, a, x)).toThrow(message)
      expect(scope.values.size).toBe(before)
    })
  })

  test('values of a scope that has ended, and of another device', async () => {
    const [one, other] = [cpu(), cpu()]
    let left: DeviceTensor | undefined
    await inScope(one, (scope) => {
      left = upload(scope, tensor([1]))
      const value = left
      void inScope(other, (foreign) => {
        expect(() => on.map(foreign, on.exp, value)).toThrow('values of different devices')
      })
    })
    await inScope(one, (scope) => {
      expect(() => on.map(scope, on.exp, left as DeviceTensor)).toThrow('whose scope has ended')
      expect(() => read(left as DeviceTensor)).toThrow('whose scope has ended')
    })
  })
})

/** A host engine that is lost after a number of operations. */
const mortal = (operations: number): Engine => {
  let left = operations
  const engine = hostEngine(identity)
  return {
    ...engine,
    run: async (operation, args) => {
      left--
      return engine.run(operation, args)
    },
    lost: () => (left < 0 ? 'unplugged' : undefined),
  }
}

describe('a device that is lost', () => {
  test('says so in whatever is read from then on, and keeps nothing', async () => {
    for (const operations of [0, 1, 2, 3]) {
      const device = deviceOf(mortal(operations))
      const result = await withScope(device, (scope) => {
        const a = upload(scope, numbered([3, 3]))
        const b = on.matmul(scope, a, a)
        const c = on.matmul(scope, b, b)
        return read(on.map(scope, on.neg, c))
      })()
      if (operations === 3) expect(E.isRight(result)).toBe(true)
      else expect(result).toEqual(E.left({ kind: 'lost', backEnd: 'cpu', why: 'unplugged' }))
      expect(device.live()).toBe(0)
    }
  })

  test('hands out nothing that was computed before, since what it reads back then are zeros', async () => {
    let why: string | undefined
    const device = deviceOf({ ...hostEngine(identity), lost: () => why })
    const found = await withScope(device, (scope) => async () => {
      const x = upload(scope, tensor([1, 2]))
      const before = await read(x)()
      why = 'unplugged'
      return E.right([before, await read(x)()] as const)
    })()
    expect(found).toMatchObject({ right: [{ _tag: 'Right' }, { left: { kind: 'lost', why: 'unplugged' } }] })
    expect(device.live()).toBe(0)
  })

  test('so does one that was closed', async () => {
    const device = cpu()
    await device.close()
    const result = await withScope(device, (scope) => read(upload(scope, tensor([1]))))()
    expect(result).toEqual(E.left({ kind: 'lost', backEnd: 'cpu', why: 'it was closed' }))
  })

  test('an operation that fails makes those fail that need its result, and no others', async () => {
    const engine = hostEngine(identity)
    const device = deviceOf({
      ...engine,
      run: (operation, args) =>
        operation.kind === 'product' ? Promise.reject(new Error('no products today')) : engine.run(operation, args),
    })
    const [broken, whole] = right(
      await withScope(device, (scope) => async () => {
        const a = upload(scope, numbered([3, 3]))
        const product = on.matmul(scope, a, a)
        const [first, second] = [on.map(scope, on.neg, product), on.map(scope, on.neg, a)]
        return E.right([await read(first)(), await read(second)()] as const)
      })(),
    )
    expect(broken).toEqual(E.left({ kind: 'failed', operation: 'matmul', why: 'no products today' }))
    expect(E.isRight(whole)).toBe(true)
    expect(device.live()).toBe(0)
  })
})

describe('debug mode', () => {
  const product = (device: Device, a: Tensor, b: Tensor) =>
    withScope(device, (scope) => read(on.matmul(scope, upload(scope, a), upload(scope, b))))()

  test('finds a product with one wrong entry', async () => {
    const wrong: typeof matmul = (a, b, transposes) => {
      const product = matmul(a, b, transposes)
      const data = Float64Array.from(product.data)
      data[7] = (data[7] as number) + 1e-6
      return { ...product, data }
    }
    const [a, b] = [numbered([4, 5]), numbered([5, 3])]
    const device = deviceOf(on.verifying(hostEngine(identity, wrong)))
    expect(await product(device, a, b)).toMatchObject({ left: { kind: 'wrong product', row: 2 } })
    expect(device.live()).toBe(0)
  })

  test('finds nothing where nothing is wrong', async () => {
    for (const precision of ['float32', 'double-single'] as const) {
      const device = right(await gpu({ mode: 'webasm', precision, verify: true })())
      const result = await withScope(device, (scope) => async () => {
        const [a, b] = [upload(scope, numbered([2, 4, 5])), upload(scope, numbered([2, 3, 5]))]
        const c = on.matmul(scope, a, b, { transposeB: true })
        return read(on.addProduct(scope, c, -0.5, a, b, { transposeB: true }))()
      })()
      expect(E.isRight(result)).toBe(true)
      await device.close()
    }
  })
})

describe('the self-test', () => {
  const broken = async (engine: Engine): Promise<readonly string[]> =>
    (await selfTest(engine)).filter((check) => !keeps(check)).map(({ name }) => name)

  test('passes the host', async () => {
    expect(await broken(hostEngine(identity))).toEqual([])
  })

  test('finds loops that are cut at a thousand', async () => {
    const cut: typeof matmul = (a, b, transposes) => {
      const rows = Float64Array.from(a.data, (entry, at) => (at % (a.shape.at(-1) as number) >= 1000 ? 0 : entry))
      return matmul({ ...a, data: rows }, b, transposes)
    }
    expect(await broken(hostEngine(identity, cut))).toEqual(['a product of odd sides, in γ|a||b|'])
  })

  test('finds a driver that loses the low halves of double-single', async () => {
    const engine = hostEngine({ ...identity, precision: 'double-single', unitRoundoff: 2 ** -44 })
    const single: Engine = {
      ...engine,
      run: async (operation, args) => {
        const buffer = await engine.run(operation, args)
        return { ...buffer, content: Float64Array.from(buffer.content as Float64Array, Math.fround) }
      },
    }
    expect(await broken(single)).toEqual(expect.arrayContaining(['add, in unit roundoffs', 'mul, in unit roundoffs']))
  })

  test('finds rows taken for columns', async () => {
    const engine = hostEngine(identity)
    const turned: Engine = {
      ...engine,
      run: (operation, args) =>
        engine.run(
          operation.kind === 'gather' ? { ...operation, strides: [0, 0, operation.columns, 1] } : operation,
          args,
        ),
    }
    expect(await broken(turned)).toEqual(['entries misplaced by a transposition'])
  })
})

describe('a back end that is not there', () => {
  afterEach(() => {
    vi.doUnmock('gpu.js')
    vi.resetModules()
  })

  test.each(['webgl2', 'webgl', 'headlessgl'] as const)('%s: the answer says so', async (mode) => {
    expect(await gpu({ mode })()).toMatchObject({ _tag: 'Left', left: { kind: 'unavailable', backEnd: mode } })
  })

  test('gpu.js is not installed', async () => {
    vi.doMock('gpu.js', () => {
      throw new Error('Cannot find package')
    })
    const opened = await gpu({ mode: 'webasm' })()
    expect(opened).toMatchObject({ left: { kind: 'unavailable', why: expect.stringContaining('optional package') } })
  })

  test('another one runs than was asked for', async () => {
    vi.doMock('gpu.js', () => {
      const kernel = { constructor: { mode: 'cpu' }, fallbackReason: 'this driver has no floats' }
      const createKernel = () => Object.assign(() => [Float32Array.of(1)], { setOutput: () => undefined, kernel })
      class GPU {
        createKernel = createKernel
        destroy = async (): Promise<void> => undefined
      }
      return { default: { GPU, input: () => undefined } }
    })
    expect(await gpu({ mode: 'webasm' })()).toEqual(
      E.left({ kind: 'fell back', asked: 'webasm', ran: 'cpu', why: 'this driver has no floats' }),
    )
  })
})

test('errors have a sentence each', () => {
  const errors: readonly on.DeviceError[] = [
    { kind: 'unavailable', backEnd: 'webgpu', why: 'no adapter' },
    { kind: 'fell back', asked: 'webgl2', ran: 'cpu', why: 'no reason given' },
    { kind: 'self-test failed', backEnd: 'webgl', checks: [{ name: 'add', measured: 2, bound: 1 }] },
    { kind: 'lost', backEnd: 'webgpu', why: 'unplugged' },
    { kind: 'too large', rows: 1, columns: 2, limit: 'one' },
    { kind: 'wrong product', row: 3, measured: 2, bound: 1 },
    { kind: 'failed', operation: 'matmul', why: 'no memory' },
  ]
  expect(errors.map(on.explainDeviceError)).toEqual([
    'webgpu is not available: no adapter',
    'asked for webgl2, cpu ran: no reason given',
    'webgl failed add (2, bound 1)',
    'webgpu was lost: unplugged',
    '1 × 2 does not fit: one',
    'row 3 of a product is off by 2, bound 1',
    'matmul: no memory',
  ])
})

test('what a GPU cannot hold is refused', async () => {
  const device = right(await gpu({ mode: 'webasm' })())
  const large = await withScope(device, (scope) => {
    const row = upload(scope, numbered([2 ** 20 + 1]))
    return read(on.outer(scope, row, upload(scope, tensor([1]))))
  })()
  expect(large).toMatchObject({ left: { kind: 'too large', rows: 2 ** 20 + 1, columns: 1 } })
  await device.close()
})
