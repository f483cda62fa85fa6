import { type Command, Option } from 'commander'
import { type ExitReason, exitCodeHelp } from './exit-codes.ts'
import { directions, searches } from './method-catalogue.ts'
import { type MinimizeOptions, minimizeModule } from './minimize.ts'
import { count, namesOf, positive, whole } from './option-values.ts'
import { moduleFieldHelp } from './problem-module.ts'
import type { Surroundings } from './surroundings.ts'

const choice = (flags: string, description: string, known: ReadonlyMap<string, unknown>): Option =>
  new Option(flags, description).choices(namesOf(known))

/** Adds `secant minimize`; `ended` is told why the run ended. */
export const declareMinimize = (
  program: Command,
  surroundings: Surroundings,
  ended: (reason: ExitReason) => void,
): void => {
  program
    .command('minimize')
    .description('Minimize the problem that a JavaScript module exports; print the result.')
    .argument('<module>', 'a file whose default export is { objective, x0 }')
    .addOption(choice('--method <name>', 'method to use (default: that of the module, or lbfgs)', directions))
    .addOption(choice('--search <name>', 'line search to use (default: the one that suits the method)', searches))
    .option(
      '--gradient-tolerance <number>',
      'succeed when the largest gradient entry is at most this (default: the criteria of the module, or 1e-6)',
      positive,
    )
    .option('--max-evaluations <number>', 'limit of objective evaluations', count, 20000)
    .option('--max-seconds <number>', 'time limit (default: none)', positive)
    .option('--seed <number>', 'what x0 is called with, where it is a function (default: 0)', whole)
    .option('--check-gradient', 'first compare the gradient with differences of values')
    .option('--json <file>', 'write the result as JSON')
    .option('--trace <file>', 'write every iterate (JSON lines, see docs/trace.md)')
    .option('--plot <file>', 'draw the run as SVG')
    .option('--checkpoint <folder>', 'save the run every 10 seconds, at its end, and when it is interrupted')
    .option('--resume <folder>', 'go on with a saved run; limits count from its beginning')
    .option('--stack', 'show where the code of the module threw')
    .addHelpText('after', `\nThe default export of the module:\n${moduleFieldHelp}\n\nExit codes:\n${exitCodeHelp}`)
    .allowExcessArguments(false)
    .action(async (path: string, options: MinimizeOptions) => {
      ended(await minimizeModule(path, options, surroundings))
    })
}
