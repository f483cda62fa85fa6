import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cpu, type Device, gpu } from '../src/gpu/index.ts'
import { parity, rightOf } from './device-parity.ts'

describe.each(['float32', 'double-single'] as const)('webasm, %s', (precision) => {
  let device: Device
  beforeAll(async () => {
    device = rightOf(await gpu({ mode: 'webasm', precision })())
  })
  afterAll(async () => {
    expect(device.live()).toBe(0)
    await device.close()
  })

  test('every operation is within its bound', async () => {
    const broken = (await parity(device)).filter(({ worst }) => !(worst <= 1))
    expect(broken).toEqual([])
  })
})

test('cpu', async () => {
  const broken = (await parity(cpu())).filter(({ worst }) => !(worst <= 1))
  expect(broken).toEqual([])
})
