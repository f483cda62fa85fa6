import { item } from '@secant/autodiff'
import { foldIn, key, normal, tensor, zeros } from '@secant/linalg'
import { describe, expect, test } from 'vitest'
import { type LstmState, lstmCell, lstmStart, type Recurrent } from '../src/index.ts'
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
    // All sums are 0 but for the biases: i = f = o = σ(ln 3) = 3/4 and g = tanh(ln 2) = 3/5.
    const gates = [Math.log(3), Math.log(3), Math.log(2), Math.log(3)]
    const byHand = {
      input: zeros([1, 4]),
      recurrent: zeros([1, 4]),
      inputBias: tensor(gates),
      recurrentBias: zeros([4]),
    }
    const next = lstmCell(byHand, { hidden: zeros([1, 1]), cell: tensor([[0.2]]) }, zeros([1, 1]))
    expect(item(next.cell)).toBeCloseTo(0.75 * 0.2 + 0.75 * 0.6, 15)
    expect(item(next.hidden)).toBeCloseTo(0.75 * Math.tanh(0.6), 15)
  })
  test('both biases count alike', () => {
    const swapped = { ...theta, inputBias: theta.recurrentBias, recurrentBias: theta.inputBias }
    expectClose(lstmCell(swapped, state, x).hidden, lstmCell(theta, state, x).hidden)
  })
})
