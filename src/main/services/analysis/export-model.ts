/** The trained model of a run as ONNX, with what another program needs to run it. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPSET } from '../../../core/engine/index.ts';
import { throwIfCancelled, UserError } from '../../../core/errors.ts';
import { findModel } from '../../../core/families/registry.ts';
import { requireEmptyFolder, writeWholeFolder } from '../../../core/files/whole-folder.ts';
import { noGraph } from '../../../core/model-facts.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { exportFolder } from './export-folder.ts';
import { testedModel } from './tested-model.ts';

/**
 * Writes a new folder, or fills an empty one, whole or not at all; for "" it makes one in the home. Returns its files. Throws UserError
 * where the model cannot be written as ONNX, or the folder holds something.
 */
export async function exportModel(
  store: Store,
  run: OwnRun,
  path: string,
  { signal, onProgress }: WorkContext<{ doing: string }>,
): Promise<{ folder: string; files: string[] }> {
  const model = findModel(run.model);
  if (!model.exportModel) throw new UserError(noGraph(run.model) ?? model.title);
  const folder = exportFolder(store, path, `${run.name}-onnx`);
  requireEmptyFolder(folder);
  onProgress?.({ doing: 'Reading the run' });
  const { graphs, weights, facts, files } = await model.exportModel(testedModel(store, run));
  const { id, name, dataset, config, selectedEpoch, protocol } = run;
  const about = {
    schema: 'tessera-model-1',
    run: { id, name, epoch: selectedEpoch },
    model: { id: model.id, title: model.title },
    dataset: { name: dataset.name, fingerprint: dataset.fingerprint },
    opset: OPSET,
    graphs: graphs.map(({ file, inputs, outputs }) => ({ file, inputs, outputs })),
    ...facts,
    config,
    protocol,
  };
  const all: Record<string, readonly Uint8Array[]> = {
    ...Object.fromEntries(graphs.map(({ file, bytes }) => [file, [bytes]])),
    ...(weights && { [weights.name]: weights.parts }),
    ...Object.fromEntries(
      Object.entries({ 'inputs.json': `${JSON.stringify(about, null, 2)}\n`, ...files }).map(
        ([file, text]) => [file, [Buffer.from(text)]],
      ),
    ),
  };
  await writeWholeFolder(folder, async (partial) => {
    for (const [file, parts] of Object.entries(all)) {
      throwIfCancelled(signal);
      onProgress?.({ doing: `Writing ${file}` });
      for (const part of parts) appendFileSync(join(partial, file), part);
    }
  });
  return { folder, files: Object.keys(all) };
}
