import { showShape } from '@secant/linalg'
import { asValue, type Operand, type Value, type Values } from '../core.ts'
import { sumOver } from '../vector-space.ts'
import { contract } from './contract.ts'
import { diagonal } from './diagonal.ts'
import { reshape, transpose } from './structure.ts'

/** A value whose axes have names. */
interface Term {
  readonly labels: readonly string[]
  readonly value: Value
}

type Lengths = ReadonlyMap<string, number>

/** Axes under an ellipsis are named by their distance from its end, so that they are aligned at the right. */
const hidden = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `…${count - i}`)

const isHidden = (label: string): boolean => label.startsWith('…')

const labelsOf = (subscripts: string, rank: number): readonly string[] => {
  const [before, after] = subscripts.split('...') as [string, string | undefined]
  if (after === undefined) return [...before]
  return [...before, ...hidden(rank - before.length - after.length), ...after]
}

const parse = (subscripts: string, operands: Values): readonly [terms: readonly Term[], output: readonly string[]] => {
  const refuse = (got: string, needs: string): never => {
    throw new Error(`einsum: got ${got} in '${subscripts}'; needs ${needs}`)
  }
  const [inputs, written, ...more] = subscripts.replaceAll(' ', '').split('->') as [string, string | undefined]
  const parts = inputs.split(',')
  for (const part of [...parts, written ?? ''])
    if (more.length > 0 || !/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(part))
      refuse(`'${part}'`, "letters and at most one '...' for each operand, as in 'ij,jk->ik'")
  if (parts.length !== operands.length) refuse(`${operands.length} operands`, `${parts.length}`)
  const terms = parts.map((part, i) => {
    const value = operands[i] as Value
    const rank = value.shape.length
    const letters = part.replace('...', '').length
    if (part.includes('...') ? rank < letters : rank !== letters)
      refuse(`${showShape(value.shape)} for '${part}'`, `rank ${letters}`)
    return { labels: labelsOf(part, rank), value }
  })
  const all = terms.flatMap(({ labels }) => labels)
  const ellipsis = hidden(new Set(all.filter(isHidden)).size)
  const once = [...new Set(all)].filter((label) => !isHidden(label) && all.indexOf(label) === all.lastIndexOf(label))
  if (written !== undefined && ellipsis.length > 0 && !written.includes('...'))
    refuse("'...' in the operands alone", 'it in the result too')
  const output =
    written === undefined
      ? [...ellipsis, ...once.sort()]
      : labelsOf(written, written.replace('...', '').length + ellipsis.length)
  for (const label of output) {
    if (!all.includes(label)) refuse(`'${label}' in the result`, 'letters of the operands')
    if (output.indexOf(label) !== output.lastIndexOf(label)) refuse(`'${label}' twice in the result`, 'it once')
  }
  return [terms, output]
}

/** The length of each name. Only axes under an ellipsis stretch from 1. */
const lengthsOf = (terms: readonly Term[]): Lengths => {
  const lengths = new Map<string, number>()
  for (const { labels, value } of terms)
    for (const [axis, label] of labels.entries()) {
      const length = value.shape[axis] as number
      const known = lengths.get(label) ?? length
      const stretches = isHidden(label) && (known === 1 || length === 1)
      if (known !== length && !stretches)
        throw new Error(`einsum: got lengths ${known} and ${length} for '${label}'; needs one`)
      lengths.set(label, known === 1 ? length : known)
    }
  return lengths
}

/** Where a name stands twice, the diagonal, which becomes the last axis. */
const withoutRepeats = ({ labels, value }: Term): Term => {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i)
  if (second < 0) return { labels, value }
  const first = labels.indexOf(labels[second] as string)
  const others = labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second)
  return withoutRepeats({
    labels: [...others, first].map((axis) => labels[axis] as string),
    value: diagonal(transpose(value, [...others, first, second])),
  })
}

/** Without the axes that are to stretch: the other factors have them. */
const withoutStretches = ({ labels, value }: Term, lengths: Lengths): Term => {
  const kept = labels.map((label, axis) => value.shape[axis] === lengths.get(label))
  return {
    labels: labels.filter((_, axis) => kept[axis]),
    value: reshape(
      value,
      value.shape.filter((_, axis) => kept[axis]),
    ),
  }
}

/** Summed over the names that nobody else needs. */
const reduced = ({ labels, value }: Term, needed: readonly string[]): Term => ({
  labels: labels.filter((label) => needed.includes(label)),
  value: sumOver(
    value,
    labels.map((_, axis) => axis).filter((axis) => !needed.includes(labels[axis] as string)),
  ),
})

/** The names of the product of two terms: those that they share and that are needed, then the rest of each. */
const productLabels = (a: Term, b: Term, needed: readonly string[]): readonly string[] => {
  const kept = a.labels.filter((label) => b.labels.includes(label) && needed.includes(label))
  const alone = (x: Term, y: Term): readonly string[] => x.labels.filter((label) => !y.labels.includes(label))
  return [...kept, ...alone(a, b), ...alone(b, a)]
}

const multiplied = (a: Term, b: Term, needed: readonly string[]): Term => {
  const shared = a.labels.filter((label) => b.labels.includes(label))
  const places = (labels: readonly string[]): readonly [readonly number[], readonly number[]] => [
    labels.map((label) => a.labels.indexOf(label)),
    labels.map((label) => b.labels.indexOf(label)),
  ]
  const over = places(shared.filter((label) => !needed.includes(label)))
  const batch = places(shared.filter((label) => needed.includes(label)))
  return { labels: productLabels(a, b, needed), value: contract(a.value, b.value, { over, batch }) }
}

/** Multiplies two terms at a time, those with the smallest product first. */
const multiplyAll = (terms: readonly Term[], output: readonly string[], lengths: Lengths): Term => {
  const neededBeside = (...used: readonly Term[]): readonly string[] => [
    ...output,
    ...terms.filter((term) => !used.includes(term)).flatMap(({ labels }) => labels),
  ]
  if (terms.length === 1) return reduced(terms[0] as Term, output)
  const alone = terms.map((term) => reduced(term, neededBeside(term)))
  const pairs = alone.flatMap((a, i) => alone.slice(i + 1).map((b, j) => [a, b, i, i + 1 + j] as const))
  const choices = pairs.map(([a, b, i, j]) => {
    const needed = neededBeside(terms[i] as Term, terms[j] as Term)
    const size = productLabels(a, b, needed).reduce((product, label) => product * (lengths.get(label) as number), 1)
    return { a, b, needed, size }
  })
  const { a, b, needed } = choices.reduce((best, choice) => (choice.size < best.size ? choice : best))
  const rest = alone.filter((term) => term !== a && term !== b)
  return multiplyAll([multiplied(a, b, needed), ...rest], output, lengths)
}

/**
 * The sum of products that subscripts describe: a letter for each axis, one letter for axes that run together, and
 * after `->` the letters that stay (without it: those that stand once, in alphabetical order). `...` stands for any
 * leading axes, which stretch to common ones. Any number of operands, multiplied in pairs, the smallest product first.
 * Fails (throws) where a letter has two lengths or the result has a letter that no operand has, or has it twice.
 *
 * @example
 * toNested(concrete(einsum('ij,j->i', tensor([[1, 2], [3, 4]]), tensor([1, 1])))) // => [3, 7]
 */
export const einsum = (subscripts: string, ...operands: readonly Operand[]): Value => {
  const partner = operands.find((x) => typeof x !== 'number')
  const [terms, output] = parse(
    subscripts,
    operands.map((x) => asValue(x, partner)),
  )
  const lengths = lengthsOf(terms)
  const plain = terms.map((term) => withoutStretches(withoutRepeats(term), lengths))
  const { labels, value } = multiplyAll(plain, output, lengths)
  return transpose(
    value,
    output.map((label) => labels.indexOf(label)),
  )
}
