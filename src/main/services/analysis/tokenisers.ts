/** Semantic IDs of runs, for the command line. */
import { readItemIds, readItemTitles } from '../../../core/data/read.ts';
import { UserError } from '../../../core/errors.ts';
import { hasSemanticIds, readSnapshot, readSpace } from '../../../core/semantic-ids/artefact.ts';
import { measureOnDataset } from '../../../core/semantic-ids/measures/dataset.ts';
import { compareTokenisers, type Stability } from '../../../core/semantic-ids/measures/index.ts';
import type { Snapshot } from '../../../core/semantic-ids/types.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { countedInteractions } from '../runs/source-runs.ts';
import { datasetFolderOf } from './tested-model.ts';

export interface TokeniserRun {
  run: OwnRun;
  /** Of the run. */
  folder: string;
  /** Of the data set. */
  datasetDir: string;
  snapshot: Snapshot;
}

/**
 * The selected IDs of a run, or those of a step.
 * Throws UserError if the run has none, or its data set has been deleted.
 */
export function readTokeniser(store: Store, reference: string, step?: number): TokeniserRun {
  const run = store.runs.findOwn(reference);
  const folder = store.runs.folder(run.id);
  if (!hasSemanticIds(folder)) {
    throw new UserError(
      `run ${run.name} (${run.id}) has no Semantic IDs (model: ${run.model}, status: ${run.status}); name a completed run of a tokeniser`,
    );
  }
  return { run, folder, datasetDir: datasetFolderOf(store, run), snapshot: readSnapshot(folder, step) };
}

/** Every measure with the data behind it (items per code, dead codes, prefix sizes), and which interactions it counts. */
export async function measuresOf(store: Store, { run, snapshot, folder, datasetDir }: TokeniserRun) {
  const { splits, words } = countedInteractions(store, run);
  const measures = await measureOnDataset({ snapshot, space: readSpace(folder), datasetDir, splits });
  return { measures, counted: words };
}

export interface ItemWithCodes {
  /** As in the imported files. */
  item: string;
  title: string;
  codes: number[];
  collisionToken: number;
}

/** The items that have an ID, in dense order. */
export async function itemsWithCodes({ snapshot, datasetDir }: TokeniserRun): Promise<ItemWithCodes[]> {
  const [ids, titles] = await Promise.all([readItemIds(datasetDir), readItemTitles(datasetDir)]);
  const { codes, levels, collisionTokens } = snapshot.ids;
  return ids.flatMap((item, at) => {
    if (codes[at * levels] < 0) return [];
    const itemCodes = Array.from(codes.subarray(at * levels, (at + 1) * levels));
    return [{ item, title: titles[at], codes: itemCodes, collisionToken: collisionTokens[at] }];
  });
}

export interface ComparedTokenisers {
  tokenisers: ({ run: string } & Pick<OwnRun, 'name' | 'model' | 'metrics' | 'protocol'>)[];
  /** Each later tokeniser compared with the first. */
  stability: ({ run: string; to: string } & Stability)[];
}

/** Throws UserError if they are of different data sets. */
export function comparedTokenisers(opened: readonly TokeniserRun[]): ComparedTokenisers {
  const [first, ...others] = opened;
  const stranger = others.find(({ run }) => run.dataset.fingerprint !== first.run.dataset.fingerprint);
  if (stranger) {
    throw new UserError(
      `run ${stranger.run.name} is of the data set ${stranger.run.dataset.name}, ${first.run.name} of ${first.run.dataset.name}: only tokenisers of one data set compare`,
    );
  }
  return {
    tokenisers: opened.map(({ run: { id: run, name, model, metrics, protocol } }) => ({
      ...{ run, name, model, metrics, protocol },
    })),
    stability: others.map((other) => ({
      run: other.run.id,
      to: first.run.id,
      ...compareTokenisers(first.snapshot.ids, other.snapshot.ids),
    })),
  };
}
