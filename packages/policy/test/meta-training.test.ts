import { concrete, mapTree, type Value, vmap } from '@secant/autodiff'
import * as dense from '@secant/linalg'
import { type Key, key, normal, type Tensor } from '@secant/linalg'
import { adam, byLeaf, steepest } from '@secant/optim'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  beginning,
  type Episode,
  type Executor,
  type GivenSteps,
  givenSteps,
  heldConstant,
  inProcess,
  type Order,
  type Training,
  throughTime,
  train,
  trainingFrom,
  unroll,
  type Work,
  workOf,
} from '../src/index.ts'
import { bowl, bowlMatrix, gain } from './policies.ts'

type Runs = Episode<Value, GivenSteps<null>>

const unrolling = { policy: givenSteps(steepest()), measured: heldConstant(bowl), loss: gain }

const draw = (theta: Value, from: Key): Runs =>
  vmap((x: Value) => beginning(unrolling)(theta, bowlMatrix, x))(normal(from, [4, 3]) as Value)

const estimator = throughTime(unroll(unrolling, 2))
const work: Work<Value, Runs> = workOf(estimator, draw)
const update = byLeaf(adam({ rate: 0.02 }))
const plan = { update, episodes: 6, stretches: 5, chunks: 2 }
const theta = dense.full([3], 0.05)

type Step = Training<Value, Runs, ReturnType<typeof update.init>>
const first: Step = trainingFrom(plan, theta, key(4))

const collect = async (
  executor: Executor<Order<Value, Runs>, ReturnType<typeof work>> = inProcess(work),
  from: Step = first,
): Promise<readonly Step[]> => {
  const all: Step[] = []
  for await (const training of train(plan, executor, from)) all.push(training)
  return all
}

test('training lowers the loss, counts its updates, and does the same every time', async () => {
  const [once, again] = [await collect(), await collect()]
  expect(once).toHaveLength(30)
  expect(once).toEqual(again)
  const last = once.at(-1) as Step
  expect(last.losses).toHaveLength(30)
  expect(last.losses[25] as number).toBeLessThan(last.losses[0] as number)
  expect(last).toMatchObject({ episode: 6, stretch: 0, updates: 30, dropped: 0 })
})

test('saved in the middle of an episode, it goes on to the same bits', async () => {
  const whole = await collect()
  expect(await collect(inProcess(work), structuredClone(whole[12] as Step))).toEqual(whole.slice(13))
})

test('the gradient of two chunks is that of the batch they make up', async () => {
  const both = [key(1), key(3)] as const
  const parts = await inProcess(work)(both.map((forRuns) => ({ theta, state: null, forRuns, forStretch: key(2) })))
  const together = (a: Value, b?: Value): Value => dense.concatenate([concrete(a), concrete(b as Value)], 0)
  const joined = estimator.estimate(theta, mapTree(together, draw(theta, both[0]), draw(theta, both[1])), key(2))
  const gradients = [joined, ...parts].map((part) => {
    if (E.isLeft(part)) throw new Error('not finite')
    return concrete(part.right.gradient)
  }) as [Tensor, Tensor, Tensor]
  for (const [i, slope] of gradients[0].data.entries())
    expect(((gradients[1].data[i] as number) + (gradients[2].data[i] as number)) / 2).toBeCloseTo(slope, 12)
})

describe('a chunk that is lost', () => {
  const losing = (
    lost: (call: number, place: number) => boolean,
  ): Executor<Order<Value, Runs>, ReturnType<typeof work>> => {
    let call = 0
    return async (orders) => {
      call++
      const done = await inProcess(work)(orders)
      return done.map((outcome, place) =>
        lost(call, place) ? E.left({ kind: 'nothing finite', dropped: 4 } as const) : outcome,
      )
    }
  }

  test('ends with its episode, and is counted', async () => {
    const all = await collect(losing((call, place) => call === 2 && place === 0))
    expect(all).toHaveLength(30)
    expect(all.at(-1)?.dropped).toBe(4)
    expect(all[1]?.chunks.map(({ kind }) => kind)).toEqual(['lost', 'running'])
    expect(all[4]?.chunks.map(({ kind }) => kind)).toEqual(['fresh', 'fresh'])
  })

  test('with all others, the next episode begins, and θ stays', async () => {
    const all = await collect(losing((call) => call === 3))
    expect(all).toHaveLength(3 + 25)
    expect(all[2]).toMatchObject({ theta: all[1]?.theta, episode: 1, stretch: 0, updates: 2, dropped: 8 })
    expect(all[2]?.losses.at(-1)).toBeNaN()
  })
})
