import type { CliCommand } from '../command.ts';
import { withStore } from '../context.ts';
import { cancellable } from '../terminal/cancellable.ts';

/** `export RUN`: a trained model for other programs. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('export <run>')
    .summary('write a trained model as ONNX')
    .description(
      "Writes the tested model of a run as ONNX, with its parameters, standard operators alone and any batch size, into a folder: with the ids of the imported files by row, what goes in and comes out, and example.py, which prints the run's recommendations with onnxruntime and numpy.",
    )
    .out('folder', 'new or empty folder', { required: true })
    .examples('tessera export sasrec-films-seed1 --out sasrec-films')
    .answer((context, reference: string, { out }: { out: string }) =>
      withStore(context, async (store) => {
        const { exportModel } = await import('../../services/analysis/export-model.ts');
        const run = store.runs.findOwn(reference);
        const exported = await cancellable(
          context,
          { progress: ({ doing }: { doing: string }) => doing, cancelled: 'cancelled; nothing was written' },
          (work) => exportModel(store, run, out, work),
        );
        return [{ run: run.id, ...exported }, `Wrote ${exported.files.join(', ')} to ${exported.folder}.`];
      }),
    );
}
