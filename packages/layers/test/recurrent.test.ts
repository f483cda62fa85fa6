import { checkDerivatives, item, mul, square, sum, take, type Value } from '@secant/autodiff'
import { foldIn, key, normal, tensor, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import {
  gruCell,
  gruStart,
  type LstmState,
  lstmCell,
  lstmStack,
  lstmStackStart,
  lstmStart,
  lstmState,
  type Recurrent,
} from '../src/index.ts'
import { affine, expectClose, logistic, type Row, rowOf, rowsOf } from './textbook.ts'

const seeds = (i: number) => foldIn(key(11), i)
const [rows, inputs, hidden] = [4, 3, 2]
const [theta] = lstmStart(inputs, hidden)(seeds(0))
const x = normal(seeds(1), [rows, inputs])
const state: LstmState = { hidden: normal(seeds(2), [rows, hidden]), cell: normal(seeds(3), [rows, hidden]) }

/** The sums of all gates for one row, `gates` lists of h. */
const gatesOf = ({ input, recurrent, inputBias, recurrentBias }: Recurrent, xs: Row, before: Row) => {
  const fromInput = affine(xs, rowsOf(input), rowOf(inputBias))
  const fromMemory = affine(before, rowsOf(recurrent), rowOf(recurrentBias))
  return { fromInput, fromMemory }
}

describe('lstmCell', () => {
  test('is the textbook cell, row by row and number by number', () => {
    const next = lstmCell(theta, state, x)
    const [xs, before, cells] = [rowsOf(x), rowsOf(state.hidden), rowsOf(state.cell)]
    const expected = xs.map((row, r) => {
      const { fromInput, fromMemory } = gatesOf(theta, row, before[r] as Row)
      const gate = (k: number, j: number): number =>
        (fromInput[k * hidden + j] as number) + (fromMemory[k * hidden + j] as number)
      return (cells[r] as Row).map((cell, j) => {
        const kept = logistic(gate(1, j)) * cell + logistic(gate(0, j)) * Math.tanh(gate(2, j))
        return [logistic(gate(3, j)) * Math.tanh(kept), kept] as const
      })
    })
    expectClose(next.hidden, tensor(expected.map((row) => row.map(([out]) => out))))
    expectClose(next.cell, tensor(expected.map((row) => row.map(([, kept]) => kept))))
  })

  test('forgets, lets in and puts out by its gates: one number by hand', () => {
    // All sums are 0 but for the biases: i = σ(ln 3) = 3/4, f = σ(0) = 1/2, g = tanh(ln 2) = 3/5, o = σ(ln 4) = 4/5.
    const gates = [Math.log(3), 0, Math.log(2), Math.log(4)]
    const byHand = {
      input: zeros([1, 4]),
      recurrent: zeros([1, 4]),
      inputBias: tensor(gates),
      recurrentBias: zeros([4]),
    }
    const next = lstmCell(byHand, { hidden: zeros([1, 1]), cell: tensor([[0.2]]) }, zeros([1, 1]))
    expect(item(next.cell)).toBeCloseTo(0.5 * 0.2 + 0.75 * 0.6, 15)
    expect(item(next.hidden)).toBeCloseTo(0.8 * Math.tanh(0.55), 15)
  })

  test('both biases count alike', () => {
    const swapped = { ...theta, inputBias: theta.recurrentBias, recurrentBias: theta.inputBias }
    expectClose(lstmCell(swapped, state, x).hidden, lstmCell(theta, state, x).hidden)
  })

  test('rows do not see each other: exchanged rows give exchanged states, bit for bit', () => {
    const order = tensor([2, 0, 3, 1], 'int32')
    const exchanged = (value: Value): Value => take(value, order)
    const moved = lstmCell(theta, { hidden: exchanged(state.hidden), cell: exchanged(state.cell) }, exchanged(x))
    const next = lstmCell(theta, state, x)
    expect(moved).toEqual({ hidden: exchanged(next.hidden), cell: exchanged(next.cell) })
  })

  test('nothing remembered is zeros of the kind asked for', () => {
    expect(lstmState(2, 3)).toEqual({ hidden: zeros([2, 3]), cell: zeros([2, 3]) })
    const [single] = lstmStart(inputs, hidden, { dtype: 'float32' })(seeds(0))
    expect(lstmCell(single, lstmState(2, hidden, 'float32'), zeros([2, inputs], 'float32')).cell.dtype).toBe('float32')
  })

  test('shapes that do not fit are refused', () => {
    expect(() => lstmCell(theta, state, zeros([rows, inputs + 1]))).toThrow('matmul: got float64 [4, 4]')
    expect(() => lstmCell({ ...theta, inputBias: zeros([1]) }, state, x)).toThrow('dense: got bias [1]')
    expect(() => lstmCell(theta, lstmState(1, hidden), x)).toThrow('lstmCell: got hidden [1, 2], cell [1, 2]')
    expect(() => lstmCell(theta, { ...state, cell: zeros([rows, 1]) }, x)).toThrow(
      'lstmCell: got hidden [4, 2], cell [4, 1]',
    )
  })
})

describe('lstmStack', () => {
  const [thetas] = lstmStackStart([inputs, hidden, 5])(seeds(4))
  const states = [state, { hidden: normal(seeds(5), [rows, 5]), cell: normal(seeds(6), [rows, 5]) }]

  test('is one cell after the other', () => {
    const [below, above] = thetas as readonly [Recurrent, Recurrent]
    const first = lstmCell(below, states[0] as LstmState, x)
    expect(lstmStack(thetas, states, x)).toEqual([first, lstmCell(above, states[1] as LstmState, first.hidden)])
  })

  test('unrolled over time its gradient agrees with differences', () => {
    const loss = (theta: readonly Recurrent[]): Value => {
      let memory: readonly LstmState[] = [lstmState(rows, hidden), lstmState(rows, 5)]
      for (let t = 0; t < 4; t++) memory = lstmStack(theta, memory, mul(t + 1, x))
      return sum(square((memory[1] as LstmState).hidden))
    }
    expect(checkDerivatives(loss, thetas, { directions: 1 })).toMatchObject({ agrees: true })
  })

  test('needs a state for each cell', () => {
    expect(() => lstmStack(thetas, [state], x)).toThrow('lstmStack: got 1 states for 2 cells; needs one each')
  })
})

describe('gruCell', () => {
  const [gru] = gruStart(inputs, hidden)(seeds(7))

  test('is the textbook cell, row by row and number by number', () => {
    const [xs, before] = [rowsOf(x), rowsOf(state.hidden)]
    const expected = xs.map((row, r) => {
      const { fromInput, fromMemory } = gatesOf(gru, row, before[r] as Row)
      return (before[r] as Row).map((old, j) => {
        const [reset, update] = [0, 1].map((k) =>
          logistic((fromInput[k * hidden + j] as number) + (fromMemory[k * hidden + j] as number)),
        ) as [number, number]
        const fresh = (fromInput[2 * hidden + j] as number) + reset * (fromMemory[2 * hidden + j] as number)
        return (1 - update) * Math.tanh(fresh) + update * old
      })
    })
    expectClose(gruCell(gru, state.hidden, x), tensor(expected))
  })

  test('resets and updates by its gates: one number by hand', () => {
    // r = σ(ln 3) = 3/4, z = σ(0) = 1/2; of the candidate's biases the second passes through r, so that
    // n = tanh(ln 2 / 4 + 3/4 · ln 2) = 3/5.
    const inputBias = tensor([Math.log(3), 0, Math.log(2) / 4])
    const recurrentBias = tensor([0, 0, Math.log(2)])
    const byHand = { input: zeros([1, 3]), recurrent: zeros([1, 3]), inputBias, recurrentBias }
    expect(item(gruCell(byHand, tensor([[0.2]]), zeros([1, 1])))).toBeCloseTo(0.5 * 0.6 + 0.5 * 0.2, 15)
  })

  test('refuses a state of another number of rows', () => {
    expect(() => gruCell(gru, zeros([1, hidden]), x)).toThrow('gruCell: got hidden [1, 2]')
  })
})
