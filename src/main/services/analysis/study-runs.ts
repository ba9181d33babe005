/** The runs of a study: made for its cells, and found again. */
import type { StudyRecord, StudyRun } from '../../../core/store/home/studies.ts';
import { isOwn } from '../../../core/store/runs/run-kinds.ts';
import type { Store } from '../../../core/store/store.ts';
import {
  type CellRun,
  kindOf,
  type PlannedCell,
  percentText,
  type StudyCell,
} from '../../../core/studies/study.ts';
import { createRun } from '../runs/create-run.ts';

/** Creates runs for cells of a study and appends them to the queue. Returns their ids. */
export function addRuns(store: Store, { id: study, name, spec }: StudyRecord, cells: readonly PlannedCell[]) {
  const { dataset, device, threads, on: place, job } = spec;
  return cells.map(({ cell, model, config }) => {
    const share = spec.kind !== undefined ? '' : `-${percentText(cell.share).replace(' %', 'pct')}`;
    const label = `${name}-${spec.sizes[cell.size].label}${share}-seed${cell.seed}`;
    const request = { model, config, dataset: dataset.id, seed: cell.seed, device, threads, place, job };
    const { id } = createRun(store, { ...request, name: label });
    store.table.annotate(id, { tags: [`${kindOf(spec)}:${name}`] });
    store.studies.setRun(study, cell, id);
    store.queue.put(id, 'end');
    return id;
  });
}

/** The run of a cell among those that there are, or null. */
export const runOf = (runs: readonly CellRun[], { size, share, seed }: StudyCell) =>
  runs.find(({ cell }) => cell.size === size && cell.share === share && cell.seed === seed)?.run ?? null;

/** The runs of a study that there are, with their cells, small sizes first. */
export function runsOfStudy(store: Store, study: string): CellRun[] {
  return cellRuns(store, store.studies.runs(study));
}

/** As `runsOfStudy`, of some cells and with some metrics alone. */
export function cellRuns(store: Store, cells: readonly StudyRun[], metrics?: readonly string[]): CellRun[] {
  const ids = cells.map(({ run }) => run);
  const known = store.runs.named(ids, { metrics }).filter(isOwn);
  const runs = new Map(known.map((run) => [run.id, run]));
  return cells.flatMap(({ run: id, size, share, seed }) => {
    const run = runs.get(id);
    return run ? [{ cell: { size, share, seed }, run }] : [];
  });
}
