import type { checkGolden } from '../../../core/golden/index.ts';
import type { CliCommand } from '../command.ts';
import { print, printJson } from '../context.ts';
import { textTable } from '../terminal/text-table.ts';

/** `golden FILE...`: our arithmetic against recorded numbers. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('golden <file...>')
    .summary('check models and metrics against recorded numbers')
    .description(
      'Runs our code on the inputs of each fixture and prints the largest relative errors. Exits with 1 if one ' +
        'does not pass. --json gives one object for one file and a list for several.',
    )
    .examples('tessera golden test/golden/sasrec-a.json', 'tessera golden test/golden/*.json')
    .run(async (context, files: string[]) => {
      const golden = await import('../../../core/golden/index.ts');
      const results: Result[] = [];
      for (const file of files) results.push(await golden.checkGolden(file));
      if (results.some((result) => !result.pass)) process.exitCode = 1;
      if (context.json) {
        const plain = results.map(({ file, model, pass, maxError }) => ({
          file,
          model,
          pass,
          maxError: finite(maxError),
        }));
        printJson(plain.length === 1 ? plain[0] : plain);
      } else print([resultTable(results), ...results.filter(({ pass }) => !pass).map(worstText)].join('\n'));
    });
}

/** JSON would turn infinity into null, which means that there was nothing to compare. */
function finite(errors: Result['maxError']): Result['maxError'] {
  const entries = Object.entries(errors).map(([kind, error]) => [
    kind,
    error && Math.min(error, Number.MAX_VALUE),
  ]);
  return Object.fromEntries(entries);
}

type Result = Awaited<ReturnType<typeof checkGolden>>;

/** The fields with the largest errors, for debugging. */
function worstText({ file, errors }: Result): string {
  const worst = Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3);
  return `${file}: ${worst.map(([field, error]) => `${field} ${error.toExponential(1)}`).join(', ') || 'nothing compared'}`;
}

function resultTable(results: readonly Result[]): string {
  const number = (error: number | null) => (error === null ? '–' : error.toExponential(1));
  const rows = results.map(({ file, model, pass, maxError: { output, loss, gradients, step } }) => [
    file,
    model,
    pass ? 'yes' : 'NO',
    ...[output, loss, gradients, step].map(number),
  ]);
  const numbers = ['Output', 'Loss', 'Gradients', 'Step'];
  return textTable(['File', 'Model', 'Pass', ...numbers], rows, numbers);
}
