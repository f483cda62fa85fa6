import { Command, CommanderError } from 'commander'
import { declareCompare } from './compare-command.ts'
import { declareDevices } from './devices-command.ts'
import { type ExitReason, exitCodes } from './exit-codes.ts'
import { declareExperiment } from './experiment-command.ts'
import { Failure } from './failure.ts'
import { declareMinimize } from './minimize-command.ts'
import type { Surroundings } from './surroundings.ts'
import { declareTrain } from './train-command.ts'
import { declareVerify } from './verify-command.ts'
import { versionOf } from './version.ts'

/** The command line as commander sees it. */
const commandLine = (surroundings: Surroundings, ended: (reason: ExitReason) => void): Command => {
  const program = new Command('secant')
    .description('Functional automatic differentiation and quasi-Newton optimization.')
    .version(versionOf())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.out.write(text),
      writeErr: (text) => surroundings.err.write(text),
      outputError: () => undefined, // `main` tells it, with what is accepted
    })
  declareCompare(program, surroundings)
  declareMinimize(program, surroundings, ended)
  declareTrain(program, surroundings, ended)
  declareVerify(program, surroundings, ended)
  declareExperiment(program, surroundings, ended)
  declareDevices(program, surroundings)
  return program
}

/** What was not understood and what is accepted, in one sentence. */
const sentenceOf = ({ code, message }: CommanderError, program: Command, args: readonly string[]): string => {
  const help = program.createHelp()
  const command = program.commands.find((known) => known.name() === args[0]) ?? program
  const accepted: Readonly<Record<string, readonly string[]>> = {
    'commander.unknownCommand': help.visibleCommands(program).map((known) => known.name()),
    'commander.unknownOption': help.visibleOptions(command).map(({ long }) => long ?? ''),
    'commander.optionMissingArgument': [`what 'secant ${command.name()} --help' lists`],
  }
  const [first = ''] = message.replace(/^error: /, '').split('\n')
  return accepted[code] === undefined ? first : `${first}; needs one of ${accepted[code].join(', ')}`
}

/** Runs the command; the number is the exit code, see `exitCodes`. */
export const main = async (args: readonly string[], surroundings: Surroundings): Promise<number> => {
  let reason: ExitReason = 'done'
  const program = commandLine(surroundings, (ended) => {
    reason = ended
  })
  const tell = (sentence: string): void => {
    surroundings.err.write(`secant: ${sentence}\n`)
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodes[reason].code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done.code
      if (error.code !== 'commander.help') tell(sentenceOf(error, program, args))
      return exitCodes.misunderstood.code
    }
    tell(error instanceof Error ? error.message : String(error))
    const thrown = error instanceof Failure ? error.cause : error
    if (thrown instanceof Error && args.includes('--stack')) surroundings.err.write(`${thrown.stack}\n`)
    return exitCodes[error instanceof Failure ? error.reason : 'failed'].code
  }
}
