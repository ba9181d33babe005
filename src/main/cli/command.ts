import { Command, Help, Option } from 'commander';
import type { Store } from '../../core/store/store.ts';
import { withProgram } from '../data-folder/command-line.ts';
import { type Answer, type CommandContext, contextOf, printAnswer, withStore } from './context.ts';

/** A command of the program, and every command below it. */
export class CliCommand extends Command {
  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** Examples at the end of the help. */
  examples(...lines: string[]): this {
    const title = lines.length > 1 ? 'Examples:' : 'Example:';
    return this.addHelpText(
      'after',
      ['', title, ...lines.map((line) => `  ${withProgram(line)}`)].join('\n'),
    );
  }

  /** `--out`: where the command writes; `placeholder` is what stands for it. Scripts of earlier versions call it `--to`. */
  out(placeholder: 'file' | 'folder', description: string, { required = false } = {}): this {
    this.addOption(new Option(`--out <${placeholder}>`, description).makeOptionMandatory(required));
    this.addOption(new Option(`--to <${placeholder}>`).hideHelp());
    return this.on('option:to', (given: string) => this.setOptionValueWithSource('out', given, 'cli'));
  }

  /** What the command does, with what every command has, the command's arguments in turn, and its options. */
  run<Given extends unknown[]>(
    work: (context: CommandContext, ...given: Given) => void | Promise<void>,
  ): this {
    return this.action((...given) => work(contextOf(this), ...(given as Given)));
  }

  /** Runs the command and prints its answer. */
  answer<Given extends unknown[]>(
    work: (context: CommandContext, ...given: Given) => Answer | Promise<Answer>,
  ): this {
    return this.run(async (context, ...given: Given) => printAnswer(context, await work(context, ...given)));
  }

  /** The same with the store of the home, which is open while the command works. */
  ask<Given extends unknown[]>(work: (store: Store, ...given: Given) => Answer | Promise<Answer>): this {
    return this.answer((context, ...given: Given) => withStore(context, (store) => work(store, ...given)));
  }
}

/** Describes an option; a list default is shown as it is written on the command line. */
export function optionDescription(option: Option): string {
  if (Array.isArray(option.defaultValue)) option.defaultValueDescription ??= option.defaultValue.join(',');
  return Help.prototype.optionDescription(option);
}
