import { type Command, Option } from 'commander'
import { type ExitReason, exitCodeHelp } from './exit-codes.ts'
import { directions, searches } from './method-catalogue.ts'
import { finite, namesOf, positive, whole } from './option-values.ts'
import type { Surroundings } from './surroundings.ts'
import { type VerifyOptions, verifyFile } from './verify.ts'

const choice = (flags: string, description: string, known: ReadonlyMap<string, unknown>): Option =>
  new Option(flags, description).choices(namesOf(known))

/** Adds `secant verify`; `ended` is told whether anything is violated. */
export const declareVerify = (
  program: Command,
  surroundings: Surroundings,
  ended: (reason: ExitReason) => void,
): void => {
  program
    .command('verify')
    .description('Check the theorems of convergence theory on a run; print what holds, with how much slack.')
    .argument('<file>', 'a trace (.jsonl, see docs/trace.md), or a module as for minimize, which is run first')
    .option('--L <number>', 'Lipschitz constant of the gradient', positive)
    .option('--mu <number>', 'constant of strong convexity', positive)
    .option('--minimum <number>', 'least value of the objective', finite)
    .option('--report <folder>', 'also write a report with plots')
    .option('--all', 'tell of every theorem that does not apply why')
    .addOption(choice('--method <name>', 'of a module: method to use (default: its own, or lbfgs)', directions))
    .addOption(choice('--search <name>', 'of a module: line search to use', searches))
    .option('--gradient-tolerance <number>', 'of a module: when the run ends', positive)
    .option('--max-evaluations <number>', 'of a module: limit of objective evaluations', positive, 2000)
    .option('--seed <number>', 'of a module: what x0 is called with', whole)
    .option('--stack', 'show where the code of the module threw')
    .addHelpText('after', `\nExit codes:\n${exitCodeHelp}`)
    .allowExcessArguments(false)
    .action(async (path: string, options: VerifyOptions) => {
      ended(await verifyFile(path, options, surroundings))
    })
}
