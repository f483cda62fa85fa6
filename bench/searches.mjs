// Evaluations of each line search on the functions of Moré and Thuente 1994, and means over random curves; after
// `npm run build`: node bench/searches.mjs
import { tensor } from '@secant/linalg'
import { backtracking, drive, hagerZhang, moreThuente, rayFrom, strongWolfe } from '@secant/optim'

const gamma = (beta) => Math.sqrt(1 + beta * beta) - beta
const yanai = (b1, b2) => [
  (t) => gamma(b1) * Math.hypot(1 - t, b2) + gamma(b2) * Math.hypot(t, b1),
  (t) => (-gamma(b1) * (1 - t)) / Math.hypot(1 - t, b2) + (gamma(b2) * t) / Math.hypot(t, b1),
]
const wave = (39 * Math.PI) / 2
const isNear = (t) => Math.abs(t - 1) < 0.01
const functions = [
  [1e-3, 0.1, (t) => -t / (t * t + 2), (t) => (t * t - 2) / (t * t + 2) ** 2],
  [0.1, 0.1, (t) => (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, (t) => 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3],
  [
    0.1,
    0.1,
    (t) => (isNear(t) ? 50 * (t - 1) ** 2 + 0.005 : Math.abs(t - 1)) + (0.99 / wave) * Math.sin(wave * t),
    (t) => (isNear(t) ? 100 * (t - 1) : Math.sign(t - 1)) + 0.99 * Math.cos(wave * t),
  ],
  [1e-3, 1e-3, ...yanai(0.001, 0.001)],
  [1e-3, 1e-3, ...yanai(0.01, 0.001)],
  [1e-3, 1e-3, ...yanai(0.001, 0.01)],
]

/** Evaluations of a search from 0, and whether it found a step. */
const cost = (f, slope, search) => {
  let evaluations = 0
  const point = (x) => ({ x, value: f(x.data[0]), grad: tensor([slope(x.data[0])]) })
  const counted = (measure) => (x) => {
    evaluations++
    return measure(x)
  }
  const objective = { value: counted((x) => f(x.data[0])), point: counted(point) }
  const direction = tensor([-Math.sign(slope(0))])
  const found = drive(objective, search(...rayFrom(point(tensor([0])), direction)))
  return [evaluations, found._tag === 'Right']
}

const searches = {
  'Moré–Thuente': moreThuente,
  'Hager–Zhang': hagerZhang,
  'strong Wolfe': ({ c1, ...rest }) => strongWolfe({ c1: c1 / 2, ...rest }),
  backtracking,
}
const names = Object.keys(searches)
const shown = ([evaluations, found]) => (found ? `${evaluations}` : `(${evaluations})`)

console.log('evaluations; in brackets where the search gave up\n')
console.log(`| function | start | ${names.join(' | ')} |\n|---|---|${names.map(() => '---|').join('')}`)
functions.forEach(([c1, c2, f, slope], i) => {
  for (const initial of [1e-3, 1e-1, 1e1, 1e3]) {
    const row = names.map((name) => shown(cost(f, slope, searches[name]({ initial, c1, c2 }))))
    console.log(`| ${i + 1} | ${initial} | ${row.join(' | ')} |`)
  }
})

const curves = Array.from({ length: 10_000 }, (_, i) => {
  const [a, w, c] = [1, 2, 3].map((k) => (Math.sin(12.9898 * i + 78.233 * k) * 43758.5453) % 1).map(Math.abs)
  const [size, bend] = [0.3 + 2.7 * a, 1 + 19 * w]
  return [(t) => size * Math.sin(bend * t) + c * t * t, (t) => size * bend * Math.cos(bend * t) + 2 * c * t]
})
console.log('\nmean evaluations on 10,000 bowls with waves, c₁ = 10⁻⁴, c₂ = 0.9\n')
for (const name of names) {
  const all = curves.map(([f, slope]) => cost(f, slope, searches[name]({ initial: 1, c1: 1e-4, c2: 0.9 })))
  const mean = all.reduce((total, [evaluations]) => total + evaluations, 0) / all.length
  console.log(`${name}: ${mean.toFixed(2)}, refused ${all.filter(([, found]) => !found).length}`)
}
