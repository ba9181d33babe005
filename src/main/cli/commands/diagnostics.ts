import { UserError } from '../../../core/errors.ts';
import { countText } from '../../../core/names.ts';
import type { CliCommand } from '../command.ts';
import { withStore } from '../context.ts';

/** `diagnostics --out FILE.zip`: for whoever looks for a fault of the program. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('diagnostics')
    .summary('write versions, devices, settings and the log into an archive, without data')
    .description(
      'Writes what helps to find a fault of the program: versions, a probe of every device, settings, the log, the schema of the database, how much is in it, and why runs failed. ' +
        'Data, titles, results and settings of models are not in it, and names are replaced by their kind and a number.',
    )
    .out('file', 'the archive, whose name ends in .zip', { required: true })
    .option('--names', 'with the names of runs, data sets, hosts and files')
    .examples(
      'tessera diagnostics --out diagnostics.zip',
      'tessera diagnostics --names --out diagnostics.zip',
    )
    .answer((context, { out, names }: { out: string; names?: boolean }) =>
      withStore(context, async (store) => {
        if (!/\.zip$/i.test(out))
          throw new UserError(`${out}: the archive is a zip; let its name end in .zip`);
        const [{ deviceChecks }, { writeDiagnostics }] = await Promise.all([
          import('../../../core/engine/devices/checks.ts'),
          import('../../services/analysis/diagnostics.ts'),
        ]);
        const devices = await deviceChecks.list();
        const files = await writeDiagnostics(store, { path: out, hasNames: names ?? false, devices });
        return [
          { file: out, files, names: names ?? false },
          `Wrote ${out}: ${countText(files.length, 'file')} to look through before you send it.`,
        ];
      }),
    );
}
