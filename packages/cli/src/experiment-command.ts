import { loadSubjects } from '@secant/experiments/node'
import { type Command, Option } from 'commander'
import type { ExitReason } from './exit-codes.ts'
import { type ExperimentOptions, experimentCwss } from './experiment.ts'
import { namesOf, whole } from './option-values.ts'
import type { Surroundings } from './surroundings.ts'

/** Adds `secant experiment`; `ended` is told why it ended. */
export const declareExperiment = (
  program: Command,
  surroundings: Surroundings,
  ended: (reason: ExitReason) => void,
): void => {
  const experiment = program.command('experiment').description('Repeat a published experiment; write its report.')
  experiment
    .command('cwss')
    .description(
      'Learned coordinate-wise steps for BFGS (arXiv:2412.00059) beside their baselines, controls and ceilings.',
    )
    .option('--quick', 'measure the parameters that come with the package; train nothing')
    .option('--checkpoint <folder>', 'where trainings are saved, and gone on with when the command is called again')
    .option('--finished', 'measure the trainings that the folder holds finished; train nothing')
    .addOption(
      new Option('--family <names...>', 'families to train on and measure (default: all)').choices(
        namesOf(loadSubjects),
      ),
    )
    .option('--seeds <number>', 'trainings from different seeds of each family', whole, 4)
    .option('--episodes <number>', 'batches in a training (default: that of each recipe)', whole)
    .option('--problems <number>', 'test problems of each family; larger ones get fewer', whole, 32)
    .option('--workers <number>', 'threads that train; the result does not depend on them', whole, 1)
    .option('--report <folder>', 'where the report goes, and the result of the long form', 'report/cwss')
    .allowExcessArguments(false)
    .action(async (options: ExperimentOptions) => {
      ended(await experimentCwss(options, surroundings))
    })
}
