// How times grow with size, beside how the number of operations does.

/** The slope of a line through points, by least squares. */
const slopeOf = (points) => {
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)]
  return mean(([x, y]) => (x - mx) * (y - my)) / mean(([x]) => (x - mx) ** 2)
}

/** Results by family and dtype, those of three sizes or more. */
export const familiesOf = (results) => {
  const families = new Map()
  for (const result of results) {
    const key = `${result.workload.family}, ${result.workload.dtype}`
    families.set(key, [...(families.get(key) ?? []), result])
  }
  return [...families].filter(([, members]) => members.length >= 3).map(([work, members]) => ({ work, members }))
}

/** Best times of each contender that did three sizes or more, by n. */
export const seriesOf = (members) => {
  const names = [...new Set(members.flatMap(({ rows }) => rows.map(({ by }) => by)))]
  const all = names.map((by) => ({
    by,
    points: members.flatMap(({ workload: { n, flops }, rows }) =>
      rows.filter((entry) => entry.by === by).map(({ best }) => ({ n, best, flops })),
    ),
  }))
  return all.filter(({ points }) => points.length >= 3)
}

/** Slopes that are further apart than this are remarked on. */
const apart = 0.3

const compared = (slope, flops) =>
  flops === undefined || Math.abs(slope - flops) <= apart
    ? undefined
    : slope > flops
      ? 'time grows faster'
      : 'time grows slower'

/** Slopes of log time and log flops over log n. */
export const growthOf = (results) =>
  familiesOf(results).flatMap(({ work, members }) =>
    seriesOf(members).map(({ by, points }) => {
      const along = (of) => slopeOf(points.map((point) => [Math.log(point.n), Math.log(of(point))]))
      const slope = along(({ best }) => best)
      const flops = points.every((point) => point.flops > 0) ? along((point) => point.flops) : undefined
      return { work, by, slope, flops, differs: compared(slope, flops) }
    }),
  )
