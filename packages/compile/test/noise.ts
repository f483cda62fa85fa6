/** What WebAssembly may do otherwise than the evaluator, and how far results may be apart for it. */
import { bind, evaluate, evaluator, type Interpreter, interpretWith, type Program, type Step } from '@secant/autodiff'
import { isFloat, type Tensor, unitRoundoff } from '@secant/linalg'

/** Most by which each entry of a result of an operation may be moved. */
type Move = (step: Step, args: readonly Tensor[], out: Tensor) => ((entry: number) => number) | undefined

/** How far an entry of a result may be from the evaluator's; 0 asks for the same bits. */
export type Bounds = (result: number, entry: number) => number

export interface Noise {
  /** Whether the steps have the evaluator's bits, if values of up to so many entries are variables. */
  readonly isExact: (steps: readonly Step[], unrolled: number | undefined) => boolean
  readonly most: Move
}

const exactly = (f: () => readonly unknown[]): readonly Tensor[] => interpretWith(evaluator, f) as readonly Tensor[]

/** The inner length of a product that WebAssembly may sum otherwise: with a vector in another order, of singles in single precision. */
const termsSummedOtherwise = ({ primitive, args, params, outs }: Step): number | undefined => {
  const lowering = primitive.lower?.(params as never, args)
  const [out] = outs
  if (lowering?.kind !== 'product' || out === undefined) return undefined
  const [rows, columns] = out.shape.slice(-2)
  if (out.dtype === 'float64' && rows !== 1 && columns !== 1) return undefined
  return args[0]?.shape.at(lowering.transposeA ? -2 : -1)
}

/** 2 γ_k |A| |B| for two such sums, k being the number of terms (Higham, section 3.1). */
const ofSums: Move = (step, args, out) => {
  const terms = termsSummedOtherwise(step)
  if (terms === undefined) return undefined
  const sizes = args.map((x) => ({ ...x, data: x.data.map(Math.abs) }) as Tensor)
  const [total] = exactly(() => bind(step.primitive, sizes, step.params as never)) as readonly [Tensor]
  const share = 2 * terms * unitRoundoff(out.dtype)
  return (i) => share * (total.data[i] as number)
}

/** So many roundoffs of each number that an operation returns. */
const roundoffs =
  (count: number): Move =>
  (_, __, out) => {
    if (!isFloat(out)) return undefined
    const share = count * unitRoundoff(out.dtype)
    return (i) => share * Math.abs(out.data[i] as number)
  }

/** tanh of few entries has a kernel of its own, which errs by 1.5 units in the last place, as the one of loops does. */
const isTanh = ({ primitive }: Step): boolean => primitive.name === 'tanh'

const ofTanh: Move = (step, args, out) => (isTanh(step) ? roundoffs(4)(step, args, out) : undefined)

const together =
  (...moves: readonly Move[]): Move =>
  (step, args, out) => {
    const all = moves.flatMap((move) => move(step, args, out) ?? [])
    return all.length === 0 ? undefined : (i) => all.reduce((sum, by) => sum + by(i), 0)
  }

/**
 * Some products, and tanh of variables; everything else has the same bits. What comes after one that differs may be rounded to
 * the other side, which is one unit in the last place.
 */
export const reordered: Noise = {
  isExact: (steps, unrolled) =>
    !steps.some((step) => (isTanh(step) && unrolled !== 0) || termsSummedOtherwise(step) !== undefined),
  most: together(ofSums, ofTanh, roundoffs(2)),
}

/** Other functions and other sums: four roundoffs of each result, which is more than a kernel errs, and another order. */
export const rounded: Noise = { isExact: () => false, most: together(ofSums, roundoffs(4)) }

const noisy = ({ most }: Noise, seed: number): Interpreter => {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
  return {
    name: 'noise',
    // What is inside of loops and branches is carried out under this interpreter too, and moved.
    bind: (primitive, args, params) =>
      primitive.impl(args as readonly Tensor[], params, primitive.typeOf(args, params)).map((out) => {
        const step = { primitive, params, args, outs: [{ id: 0, ...out }] } as unknown as Step
        const by = most(step, args as readonly Tensor[], out)
        return by === undefined ? out : ({ ...out, data: out.data.map((y, i) => y + by(i) * random()) } as Tensor)
      }),
  }
}

/**
 * 8 times the most that noise did to an entry of the results in 8 runs in which every operation was moved at random up to
 * its bound, and 4 roundoffs of the entry. Eight runs see the greater part of a response that is linear; the factor is
 * for the rest of it, and for what is not linear. What noise makes infinite is not compared.
 */
export const boundsOf = (noise: Noise, program: Program, xs: readonly Tensor[], exact: readonly Tensor[]): Bounds => {
  const runs = Array.from({ length: 8 }, (_, seed) =>
    interpretWith(noisy(noise, seed + 1), () => evaluate(program)(xs) as readonly Tensor[]),
  )
  return (k, i) => {
    const result = exact[k] as Tensor
    const value = result.data[i] as number
    const off = Math.max(...runs.map((run) => Math.abs(((run[k] as Tensor).data[i] as number) - value)))
    const bound = 8 * off + (isFloat(result) ? 4 * unitRoundoff(result.dtype) : 0) * Math.abs(value)
    return Number.isFinite(bound) ? bound : Infinity
  }
}
