import { lstm } from '@secant/experiments'
import { loadSubjects, variants } from '@secant/experiments/node'
import { type Command, Option } from 'commander'
import type { ExitReason } from './exit-codes.ts'
import { namesOf, positive, whole } from './option-values.ts'
import type { Surroundings } from './surroundings.ts'
import { type TrainOptions, trainCwss } from './train.ts'

const choice = (flags: string, description: string, known: ReadonlyMap<string, unknown>): Option =>
  new Option(flags, description).choices(namesOf(known))

/** Adds `secant train`; `ended` is told why the training ended. */
export const declareTrain = (
  program: Command,
  surroundings: Surroundings,
  ended: (reason: ExitReason) => void,
): void => {
  const train = program.command('train').description('Train a learned optimizer; write its parameters.')
  train
    .command('cwss')
    .description('Coordinate-wise steps for BFGS by an LSTM (arXiv:2412.00059).')
    .addOption(choice('--family <name>', 'problems to train on', loadSubjects).default('least-squares'))
    .addOption(choice('--variant <name>', 'what stands in the place of the LSTM', variants).default(lstm.name))
    .option('--seed <number>', 'what first parameters and problems are drawn from', whole, 1)
    .option('--episodes <number>', 'number of batches to train on (default: that of the recipe)', whole)
    .option('--lambda <number>', 'weight of ‖P − I‖² (default: that of the recipe)', positive)
    .option('--workers <number>', 'threads; the result does not depend on them', whole, 1)
    .option('--checkpoint <folder>', 'save the training every 20 seconds, at its end, and when it is interrupted')
    .option('--resume', 'go on with the training that the folder holds')
    .option('--out <file>', 'where the parameters go', 'report/cwss/weights.json')
    .option('--plot <file>', 'draw the loss as SVG')
    .allowExcessArguments(false)
    .action(async (options: TrainOptions) => {
      ended(await trainCwss(options, surroundings))
    })
}
