import { tensor } from '@secant/linalg'
import fc from 'fast-check'
import type { Objective } from '../src/index.ts'

/** A function of one number and its slope. */
export interface Curve {
  readonly name: string
  readonly f: (t: number) => number
  readonly slope: (t: number) => number
}

export const objectiveOf = ({ f, slope }: Curve): Objective => ({
  value: ({ data }) => f(data[0] as number),
  point: (x) => ({ x, value: f(x.data[0] as number), grad: tensor([slope(x.data[0] as number)]) }),
})

/** Evenly spread; `fc.double` would crowd around zero, where floating-point numbers are dense. */
export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 2 ** 30 }).map((k) => min + (k / 2 ** 30) * (max - min))

export const powerOfTen = (min: number, max: number): fc.Arbitrary<number> => between(min, max).map((e) => 10 ** e)

export const quadratics: fc.Arbitrary<Curve> = fc
  .tuple(powerOfTen(-8, 8), powerOfTen(-3, 3), fc.constantFrom(-1, 1))
  .map(([a, centre, side]) => ({
    name: `${a} (t − ${side * centre})²`,
    f: (t) => a * (t - side * centre) ** 2,
    slope: (t) => 2 * a * (t - side * centre),
  }))

/** Bounded below, smooth where finite, and with a minimum that values can tell: a search has no excuse. */
export const tame: fc.Arbitrary<Curve> = fc.oneof(
  quadratics,
  fc.tuple(between(0.1, 4), between(-3, 3), between(0.2, 2)).map(
    ([a, b, c]): Curve => ({
      name: `quartic ${a} ${b} ${c}`,
      f: (t) => a * t ** 4 + b * t ** 2 + c * t,
      slope: (t) => 4 * a * t ** 3 + 2 * b * t + c,
    }),
  ),
  fc.tuple(between(0.3, 3), between(1, 20), between(0.01, 0.5)).map(
    ([a, w, c]): Curve => ({
      name: `waves ${a} ${w} in a bowl ${c}`,
      f: (t) => a * Math.sin(w * t) + c * t * t,
      slope: (t) => a * w * Math.cos(w * t) + 2 * c * t,
    }),
  ),
  fc.tuple(powerOfTen(-3, 0), powerOfTen(-1, 2)).map(
    ([width, centre]): Curve => ({
      name: `smoothed |t − ${centre}|, width ${width}`,
      f: (t) => Math.hypot(t - centre, width),
      slope: (t) => (t - centre) / Math.hypot(t - centre, width),
    }),
  ),
  fc.tuple(between(1, 900), between(0.1, 3)).map(
    ([a, b]): Curve => ({
      name: `e^(${a} t) overflows, − ${b} t`,
      f: (t) => Math.exp(a * t) - (a + b) * t,
      slope: (t) => a * Math.exp(a * t) - (a + b),
    }),
  ),
  fc.tuple(powerOfTen(-2, 1), powerOfTen(-2, 1)).map(
    ([end, a]): Curve => ({
      name: `barrier at ${end}`,
      f: (t) => -Math.log(end - t) - (1 / end + a) * t,
      slope: (t) => (t < end ? 1 / (end - t) - (1 / end + a) : Number.NaN),
    }),
  ),
)

/** Kinks, plateaus, lines, walls and values that drown in rounding: a search may fail, in an orderly way. */
export const wild: fc.Arbitrary<Curve> = fc.oneof(
  fc.tuple(powerOfTen(-8, 8), powerOfTen(-3, 3), powerOfTen(0, 20)).map(
    ([a, centre, height]): Curve => ({
      name: `${a} (t − ${centre})² + ${height}`,
      f: (t) => a * (t - centre) ** 2 + height,
      slope: (t) => 2 * a * (t - centre),
    }),
  ),
  fc.tuple(powerOfTen(-3, 3), powerOfTen(-2, 2), powerOfTen(-4, 0)).map(
    ([a, centre, b]): Curve => ({
      name: `kink ${a} |t − ${centre}| + ${b} t²`,
      f: (t) => a * Math.abs(t - centre) + b * t * t,
      slope: (t) => a * Math.sign(t - centre) + 2 * b * t,
    }),
  ),
  fc.tuple(between(-2, 1), between(0.1, 3)).map(
    ([low, wall]): Curve => ({
      name: `staircase down to ${low}, with a wall at ${wall}`,
      f: (t) => (t < wall ? Math.floor(4 * -t) + low - t : 10),
      slope: (t) => (t < wall ? -1 : 0),
    }),
  ),
  between(0.5, 9).map(
    (centre): Curve => ({
      name: `well at ${centre} between flat tails`,
      f: (t) => -Math.exp(-((t - centre) ** 2) / 2),
      slope: (t) => (t - centre) * Math.exp(-((t - centre) ** 2) / 2),
    }),
  ),
  fc.tuple(powerOfTen(-8, 8), powerOfTen(-20, -4)).map(
    ([a, bend]): Curve => ({
      name: `line −${a} t, bent by ${bend}`,
      f: (t) => a * (bend * t * t - t),
      slope: (t) => a * (2 * bend * t - 1),
    }),
  ),
  between(0.1, 5).map(
    (end): Curve => ({
      name: `falls to −∞ at ${end}`,
      f: (t) => Math.log(end - t),
      slope: (t) => -1 / (end - t),
    }),
  ),
  powerOfTen(-3, 3).map(
    (slope): Curve => ({ name: `gradient −${slope} of the wrong sign`, f: (t) => 1 + slope * t, slope: () => -slope }),
  ),
  fc.tuple(powerOfTen(-3, 3), fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN)).map(
    ([cap, beyond]): Curve => ({
      name: `down to ${cap}, ${beyond} from there on`,
      f: (t) => (t < cap ? -t : beyond),
      slope: (t) => (t < cap ? -1 : 0),
    }),
  ),
)
