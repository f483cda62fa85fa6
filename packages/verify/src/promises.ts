/** What methods promise of their steps, as assumptions: a step without something that nobody promised is only a fact. */
import { declaredNumber, found } from './finding.ts'
import type { Promised } from './known.ts'
import type { RunView } from './run-view.ts'
import type { Assumption } from './theorem.ts'

/** Promises that include others. */
const including: Readonly<Record<Promised, readonly Promised[]>> = {
  descent: ['descent', 'Armijo', 'weak Wolfe', 'strong Wolfe', 'approximate Wolfe', 'Goldstein'],
  Armijo: ['Armijo', 'weak Wolfe', 'strong Wolfe'],
  'weak Wolfe': ['weak Wolfe', 'strong Wolfe'],
  'strong Wolfe': ['strong Wolfe'],
  'approximate Wolfe': ['approximate Wolfe'],
  Goldstein: ['Goldstein'],
  'secant equation': ['secant equation'],
}

const declaredBy = ({ known, header }: RunView): readonly unknown[] => {
  const declared = known.promises ?? header.options['promises']
  return Array.isArray(declared) ? declared : []
}

/** What comes with a promise: the constant of that name, or the customary one. */
export const promised = (
  promise: Promised,
  constant?: { readonly name: 'c1' | 'c2'; readonly customary: number },
): Assumption<number> => ({
  statement: `the method promises: ${promise}`,
  find: (run) => {
    const value = constant === undefined ? 0 : (declaredNumber(run, constant.name) ?? constant.customary)
    const detail = constant === undefined ? 'promised' : `promised with ${constant.name} = ${value}`
    return including[promise].some((one) => declaredBy(run).includes(one))
      ? found('given', value, detail)
      : { status: 'unknown', detail: 'not promised', value }
  },
})
