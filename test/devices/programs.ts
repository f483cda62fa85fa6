/** Random programs on a device, against the evaluator, within bounds that are computed along with each. */
import {
  type Atom,
  broadcastTo,
  concatenate,
  cumulativeSum,
  matmul,
  mean,
  neg,
  recordValues,
  reshape,
  sin,
  softplus,
  tanh,
  transpose,
  type Value,
  valueAndGrad,
} from '@secant/autodiff'
import { onDevice } from '@secant/compile/device'
import { isTensor, type Tensor } from '@secant/linalg'
import { type Device, deviceOf, type Precision, withScope } from '@secant/linalg/gpu'
import fc from 'fast-check'
import { derivative, type Functions, type Kind, randomCases } from '../programs/random-programs.ts'
import { boundsEngine } from './bounds.ts'
import { rightOf, scattered } from './parity.ts'

export interface ProgramsReport {
  readonly programs: number
  readonly launches: number
  readonly entries: number
  /** Entries of which nothing can be said, since a device may have decided otherwise or has no such number. */
  readonly open: number
  /** Entries whose bound is more than a thousand roundoffs of what is computed with. */
  readonly loose: number
  /** Programs in which a loop or a branch depends on a number that is too close to call. */
  readonly undecided: number
  /** Largest error as a part of its bound; above 1 it is broken. */
  readonly worst: number
  readonly broken: readonly string[]
  /** Values that were left on the device after any of the calls. */
  readonly left: number
}

/** What no device has: entries by computed numbers, series, recurrences, factorizations, more than one precision. */
const missing = [
  ...['take', 'scatterAdd of a row', 'foriLoop', 'sort', 'topK', 'argsort', 'argmax', 'argmin', 'index as number'],
  ...['erf', 'erfc of abs', 'gelu', 'lgamma', 'digamma', 'cumulativeProduct', 'conv1d', 'qr', 'solveTriangular'],
  ...['another precision', 'other precision', 'scan of many kinds'],
  // Of rows that come out even it makes an empty rest.
  'scanInSegments',
]

/** What gives NaN, or a bound that says nothing, more often than not. */
const untelling = ['log of anything', 'sqrt of anything', 'asin of anything', 'pow of anything', 'sin of much']

interface Case {
  readonly f: Functions
  readonly xs: readonly Tensor[]
  /** Names of the operations, for a failure to show. */
  readonly script: readonly string[]
}

const [matrix, vector] = [scattered([9, 4], 1), scattered([4], 2)]

/** What chance seldom makes: products with columns, and more arguments than a launch takes. */
const chosen: readonly Case[] = [
  {
    script: ['logistic regression with its gradient'],
    xs: [vector],
    f: ([w]) => valueAndGrad((v: Value) => mean(softplus(neg(matmul(matrix, v)))))(w as Value),
  },
  {
    script: ['rows times a matrix, and a stack times columns'],
    xs: [matrix, vector],
    f: ([a, w]) => [
      matmul(tanh(w as Value), transpose(a as Value)),
      matmul(broadcastTo(a as Value, [2, 9, 4]), reshape(concatenate([w as Value, neg(w as Value)]), [2, 4, 1])),
    ],
  },
  {
    script: ['ten values side by side'],
    xs: [vector],
    f: ([w]) => [
      concatenate([...Array.from({ length: 9 }, (_, i) => scattered([3], i)), sin(w as Value)]),
      cumulativeSum(w as Value),
    ],
  },
]

const kind: Kind = { widest: 100, steps: [1, 5], layers: 0, isPlain: true, without: [...missing, ...untelling] }

/** Programs, of which every fourth is a gradient. */
const casesOf = (count: number, seed: number): readonly Case[] => [
  ...chosen,
  ...fc
    .sample(randomCases('float64', kind), { numRuns: count, seed })
    .map((each, i) => (i % 4 === 3 ? { ...each, f: derivative(each.f) } : each)),
]

const resultsOn = async (device: Device, { f, xs }: Case): Promise<readonly Tensor[]> =>
  rightOf(await withScope(device, (scope) => onDevice(scope, f)(xs))()) as readonly Tensor[]

/** So many programs on a device. */
export const programsOn = async (device: Device, count: number, seed = 20260401): Promise<ProgramsReport> => {
  const [roundoff, before] = [device.unitRoundoff, device.launches()]
  // The evaluator errs too.
  const slack = 1 + 2 ** -53 / roundoff
  let [entries, open, loose, undecided, worst, left] = [0, 0, 0, 0, 0, 0]
  const broken: string[] = []
  for (const each of casesOf(count, seed)) {
    const bounds = boundsEngine(roundoff)
    await resultsOn(deviceOf(bounds), each)
    const errors = bounds.lastErrors()
    const found = await resultsOn(device, each)
    left = Math.max(left, device.live())
    if (!bounds.isDecided()) {
      undecided++
      continue
    }
    const { outputs } = recordValues(each.f, each.xs).program
    const exact = each.f(each.xs) as readonly Tensor[]
    let at = 0
    let most = 0
    exact.forEach(({ data }, i) => {
      const isKnown = isTensor(outputs[i] as Atom)
      data.forEach((x, k) => {
        const [error, off] = [isKnown ? 0 : (errors[at++] as number), Math.abs((found[i]?.data[k] as number) - x)]
        entries++
        if (!Number.isFinite(error)) open++
        else {
          if (error > 1000 * roundoff * Math.max(1, Math.abs(x))) loose++
          const part = off === 0 ? 0 : off / (slack * error)
          if (!(part <= most)) most = part
        }
      })
    })
    if (!(most <= worst)) worst = most
    if (!(most <= 1)) broken.push(`${each.script.join(', ')}: ${most} of its bound`)
  }
  return {
    programs: count + chosen.length,
    launches: device.launches() - before,
    entries,
    open,
    loose,
    undecided,
    worst,
    broken,
    left,
  }
}

/** Whether a report is of use: most programs and entries could be compared, by bounds that say something. */
export const isTelling = ({ programs, entries, open, loose, undecided }: ProgramsReport): boolean =>
  undecided <= 0.15 * programs + 2 && open <= 0.05 * entries && loose <= 0.2 * entries

/** So many programs: fewer in double-single, where compiling takes its time; all that SECANT_PROGRAMS asks for. */
export const programsFor = (precision: Precision, plenty = 140): number => {
  const { process } = globalThis as {
    readonly process?: { readonly env: Readonly<Record<string, string | undefined>> }
  }
  return Number(process?.env['SECANT_PROGRAMS'] ?? (precision === 'double-single' ? Math.ceil(plenty / 5) : plenty))
}

export const summary = ({ programs, launches, entries, open, loose, undecided, worst }: ProgramsReport): string =>
  `${programs} programs in ${launches} launches, ${undecided} of them undecided; of ${entries} entries ${open} are open, ${loose} have loose bounds; worst ${worst.toPrecision(2)} of its bound`
