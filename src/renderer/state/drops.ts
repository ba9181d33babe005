/** Files and folders dropped anywhere on the window, or opened with the program. */
import { openNewRun, useNewRun } from '../new-run/new-run.ts';
import { openResult } from '../results/result-import.ts';
import { newPlan } from '../runs/plans.ts';
import type { TransferWatch } from '../shell/shell-types.ts';
import { shell } from '../shell/window-shell.ts';
import { client } from './api.ts';
import { homeStore } from './home-store.ts';
import { goTo, useRoute } from './navigation.ts';
import { attempt, notify } from './toasts.ts';

export interface Transfer {
  id: number;
  /** Bytes. */
  sent: number;
  total: number;
  /** Unix milliseconds. */
  startedAt: number;
  cancel(): void;
}

interface DropState {
  /** What was dropped and waits for the data sets screen. */
  paths: string[] | null;
  /** Files on their way to the machine that imports. */
  transfers: readonly Transfer[];
  /** Something is dragged over the window. */
  over: boolean;
}

export const useDrops = homeStore<DropState>(
  () => ({ paths: null, transfers: [], over: false }),
  ({ transfers }) => {
    for (const { cancel } of transfers) cancel();
  },
);

/** Takes what was dropped, once. */
export function takeDroppedPaths(): string[] | null {
  const { paths } = useDrops.getState();
  useDrops.setState({ paths: null });
  return paths;
}

/** Opens what files, whoever brought them, are for: a pretrained language model, Semantic IDs, runs or recommendations of other programs, a report whose runs can be made again, or a data set. */
export async function offerPaths(paths: string[]): Promise<void> {
  if (paths.length === 0) return;
  const [file] = paths;
  const model = paths.length === 1 && (await client.language.modelAt({ path: file }));
  if (model) {
    goTo('language', ['model', model]);
    return;
  }
  if (paths.length === 1 && (await client.codebooks.holdsIds({ paths: [file] }))) {
    // Arrays may be either: beside runs and on a data set they are measured.
    const isMeasured = /\.np[yz]$/i.test(file) && (await offerResult(file));
    if (!isMeasured) openIds(file);
    return;
  }
  const trackers = await client.runs.trackers({ paths }).catch(() => []);
  if (trackers.length > 0 && trackers.every((kinds) => kinds.length > 0)) {
    goTo('runs', ['import', ...paths]);
    return;
  }
  if (paths.length === 1 && /\.html?$/i.test(file)) {
    goTo('reproduce', ['file', file]);
    return;
  }
  if (paths.length === 1 && (await offerResult(file))) return;
  importPaths(paths);
}

/** Opens the import of Semantic IDs. */
export function openIds(file: string): void {
  const { template } = useNewRun.getState();
  openNewRun({ ...template, model: 'imported-ids', preset: undefined, overrides: { file } });
}

/** Removes what was uploaded to be imported. */
export function discardUploads(paths: readonly string[]): void {
  void client.datasets.removeUploads({ paths: [...paths] }).catch(() => {});
}

/** Opens the import of a data set. */
export function importPaths(paths: string[]): void {
  useDrops.setState({ paths });
  goTo('datasets');
}

/** Measures what looks like recommendations of another program; beside runs or on a data set also what might be some. */
async function offerResult(path: string): Promise<boolean> {
  const { screen, path: place } = useRoute.getState();
  // What cannot be read says so in the import.
  const look = await client.results.look({ path }).catch(() => null);
  const isBeside = ['runs', 'run', 'compare'].includes(screen) || (screen === 'datasets' && place.length > 0);
  if (look === null || look.likeness === 'no' || (look.likeness === 'perhaps' && !isBeside)) return false;
  openResult({ path, dataset: screen === 'datasets' ? place[0] : undefined });
  return true;
}

/** The same for files that the system opens with the program. */
export function openPaths(paths: string[]): void {
  void attempt('Could not open the files', () => offerPaths(paths));
}

/** Takes files to where they can be imported, and offers them; an empty folder has none. */
export function transfer(work: (watch: TransferWatch) => Promise<string[]>): Promise<void> {
  return takeFiles(work, async (paths) => {
    if (paths.length > 0) await offerPaths(paths);
    else notify({ level: 'warn', title: 'Nothing to import', text: 'There is no file in the folder.' });
  });
}

let lastId = 0;

/** Runs a transfer of files, to be watched and cancelled meanwhile, and hands over where they are then. */
export async function takeFiles(
  work: (watch: TransferWatch) => Promise<string[]>,
  use: (paths: string[]) => void | Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  const startedAt = Date.now();
  const id = ++lastId;
  const show = (sent: number, total: number) => {
    const transfer = { id, sent, total, startedAt, cancel: () => abort.abort() };
    useDrops.setState(({ transfers }) => ({
      transfers: transfers.some((one) => one.id === id)
        ? transfers.map((one) => (one.id === id ? transfer : one))
        : [...transfers, transfer],
    }));
  };
  show(0, 0);
  await attempt('Could not read the files', async () => {
    try {
      await use(await work({ onProgress: show, signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
  useDrops.setState(({ transfers }) => ({ transfers: transfers.filter((one) => one.id !== id) }));
}

/** Hears drags over the whole window. Without this a browser would open a dropped file in place of the page. */
export function listenToDrops(): () => void {
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const onDragOver = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    useDrops.setState({ over: true });
  };
  const onDragLeave = (event: DragEvent) => {
    if (event.relatedTarget === null) useDrops.setState({ over: false });
  };
  const onDrop = (event: DragEvent) => {
    const { dataTransfer } = event;
    if (!dataTransfer || !carriesFiles(event)) return;
    event.preventDefault();
    useDrops.setState({ over: false });
    const [file] = dataTransfer.files;
    if (dataTransfer.files.length === 1 && /\.ya?ml$/i.test(file.name)) void newPlan(() => file.text());
    else void transfer((watch) => shell.takeDrop(dataTransfer, watch));
  };
  window.addEventListener('dragover', onDragOver);
  window.addEventListener('dragleave', onDragLeave);
  window.addEventListener('drop', onDrop);
  return () => {
    window.removeEventListener('dragover', onDragOver);
    window.removeEventListener('dragleave', onDragLeave);
    window.removeEventListener('drop', onDrop);
  };
}
