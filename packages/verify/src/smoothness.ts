/** What smooth and convex functions satisfy at any two points, here the ends of each step; section 1 of the convergence theory note. */
import { convex, distancesFrom, minimizer, minimum, smooth, stronglyConvex } from './assumptions.ts'
import { atLeast, atMost, type Comparison } from './comparison.ts'
import { type Theorem, theorem } from './theorem.ts'

const nesterov = 'Nesterov 2018, Lectures on Convex Optimization'

const descentLemma: Theorem = theorem({
  name: 'descent lemma',
  source: `${nesterov}, lemma 1.2.3`,
  statement: "f₊ ≤ f + g's + (L/2)‖s‖², and the same from the other end",
  assumptions: { L: smooth },
  bound: ({ steps, valueRounding: rounding }, { L }) =>
    steps.flatMap(({ k, from, to, slope0, slope, ss }) => {
      const change = to.value - from.value
      const scaling = { scale: (L / 2) * ss, rounding }
      return [atMost(k, change - slope0, (L / 2) * ss, scaling), atMost(k, slope - change, (L / 2) * ss, scaling)]
    }),
})

const cocoercivity: Theorem = theorem({
  name: 'co-coercivity',
  source: `${nesterov}, theorem 2.1.5`,
  statement: "s'y ≥ ‖y‖²/L and f₊ ≥ f + g's + ‖y‖²/(2L)",
  assumptions: { L: smooth, convex },
  bound: ({ steps, valueRounding: rounding }, { L }) =>
    steps
      .filter(({ settled, yy }) => !settled && yy > 0)
      .flatMap(({ k, from, to, slope0, sy, yy }) => [
        atLeast(k, sy, yy / L),
        atLeast(k, to.value - from.value - slope0, yy / (2 * L), { rounding }),
      ]),
})

const strongMonotonicity: Theorem = theorem({
  name: 'curvature of a strongly convex function',
  source: `${nesterov}, theorem 2.1.12`,
  statement: "s'y ≥ (μL/(μ + L))‖s‖² + ‖y‖²/(μ + L)",
  assumptions: { L: smooth, mu: stronglyConvex },
  bound: ({ steps }, { L, mu }) =>
    steps
      .filter(({ settled, ss }) => !settled && ss > 0)
      .map(({ k, ss, sy, yy }) => atLeast(k, sy, ((mu * L) / (mu + L)) * ss + yy / (mu + L))),
})

const gapByGradient: Theorem = theorem({
  name: 'gap by gradient and distance',
  source: `${nesterov}, (2.1.6), (2.1.16) and (2.1.19)`,
  statement: '‖g‖²/(2L) ≤ f − f* ≤ ‖g‖²/(2μ) and (μ/2)‖x − x*‖² ≤ f − f* ≤ (L/2)‖x − x*‖²',
  assumptions: { L: smooth, mu: stronglyConvex, minimum, x: minimizer },
  bound: (run, { L, mu, minimum, x }) => {
    const [distances, rounding] = [distancesFrom(run, x), run.valueRounding]
    return run.steps.flatMap(({ k, from, gg }, i): readonly Comparison[] => {
      const gap = from.value - minimum
      const squared = (distances[i] as number) ** 2
      if (gap < run.gapFloor) return []
      return [
        atLeast(k, gap, gg / (2 * L), { rounding }),
        atMost(k, gap, gg / (2 * mu), { rounding }),
        atLeast(k, gap, (mu / 2) * squared, { rounding }),
        atMost(k, gap, (L / 2) * squared, { rounding }),
      ]
    })
  },
})

export const smoothnessTheorems: Readonly<
  Record<'descentLemma' | 'cocoercivity' | 'strongMonotonicity' | 'gapByGradient', Theorem>
> = { descentLemma, cocoercivity, strongMonotonicity, gapByGradient }
