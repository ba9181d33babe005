/** A comparison as one archive for reviewers: everything but the data, which its recipe names by their hashes. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeVersion } from '../../../../core/code-version.ts';
import { literal, withDuck } from '../../../../core/data/duck.ts';
import { readItemIds, readUserIds } from '../../../../core/data/read.ts';
import { splitFields } from '../../../../core/data/splits/index.ts';
import { fileSafe } from '../../../../core/documents/document.ts';
import { throwIfCancelled, UserError } from '../../../../core/errors.ts';
import { EXPORT_ADVICE } from '../../../../core/files/durable.ts';
import { withoutFolders } from '../../../../core/files/own-folders.ts';
import { withScratch } from '../../../../core/files/scratch.ts';
import { writeWhole } from '../../../../core/files/whole-file.ts';
import { describeSplit } from '../../../../core/foreign/split/export-split.ts';
import { splitChoice } from '../../../../core/foreign/split/manifest.ts';
import { freeName } from '../../../../core/names.ts';
import type { BundleCheck } from '../../../../core/reproduce/bundle-checks.ts';
import { type Bundle, bundleBytes, RECIPE_FILE, readBundle } from '../../../../core/reproduce/bundle-file.ts';
import type { Recipe } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { RunRecord } from '../../../../core/store/types.ts';
import { protocolFields } from '../../../../core/training/config.ts';
import type { WorkContext } from '../../../workers/progress.ts';
import { exportRuns } from '../export-runs.ts';
import { BUNDLED_PLAN } from '../plans/plan-of-bundle.ts';
import { planOfRuns } from '../plans/plan-of-runs.ts';
import { reportOfRuns } from '../reports.ts';
import { bundleReadme } from './bundle-readme.ts';
import { checkBundle } from './check-bundle.ts';
import { recipeOf } from './recipe-of-runs.ts';

export interface BundleRequest {
  title: string;
  runs: readonly RunRecord[];
  /** How they are compared. */
  baseline?: string | null;
  metrics?: string[];
  labels?: Record<string, string>;
  /** What was concluded. */
  notes?: string;
  /** Whether the items that each run recommended come along. */
  hasLists: boolean;
}

/** What has been made of a bundle. */
export interface BundleProgress {
  doing: string;
}

type Members = Record<string, Uint8Array>;

/** An archive that was made, and what was looked at in it. */
export interface CheckedBundle extends Bundle {
  checks: BundleCheck[];
  /** Of the archive. */
  bytes: number;
}

/**
 * Makes the archive, reads it as whoever receives it will, and writes it whole or not at all; nowhere without a path. Throws UserError where no run has
 * results, and where it cannot be written.
 */
export async function writeBundle(
  store: Store,
  { path, ...request }: BundleRequest & { path: string | null },
  context: WorkContext<BundleProgress> = {},
): Promise<CheckedBundle> {
  const bytes = await archiveOf(store, request, context);
  context.onProgress?.({ doing: 'and reading it again' });
  return withScratch(async (scratch) => {
    const made = join(scratch, 'bundle.zip');
    writeFileSync(made, bytes);
    const checks = await checkBundle(made, store.home, context.signal);
    throwIfCancelled(context.signal);
    if (path !== null) writeWhole(path, bytes);
    return { ...readBundle(made), checks, bytes: bytes.length };
  });
}

/** Its bytes. */
async function archiveOf(
  store: Store,
  request: BundleRequest,
  { signal, onProgress }: WorkContext<BundleProgress>,
): Promise<Uint8Array> {
  const { runs, title } = request;
  const recipe = recipeOf(store, runs);
  const left: string[] = ['the data: reproduce asks for them by their hashes'];
  const members: Members = {};
  const add = (made: Readonly<Record<string, string | Uint8Array>>) => {
    throwIfCancelled(signal);
    for (const [name, content] of Object.entries(made))
      members[name] =
        typeof content === 'string' ? Buffer.from(withoutFolders(content, store.home)) : content;
  };
  const step = (doing: string) => onProgress?.({ doing });
  add({ [RECIPE_FILE]: `${JSON.stringify(recipe, null, 1)}\n`, ...configFiles(recipe) });
  step('the report');
  add(await reportFiles(store, request));
  add(planFile(store, request, left));
  step('the splits');
  add(await splitFiles(store, recipe, runs, left));
  step('the ranks');
  add(await resultFiles(store, runs, signal));
  if (request.hasLists) {
    step('the lists');
    add(await listFiles(store, runs, left));
  } else left.push('the lists of recommended items: they were not wanted');
  left.push(...recipe.others.map(({ name, reason }) => `what trains ${name}: ${reason}`));
  add({ 'README.md': bundleReadme(title, recipe, left) });
  step('the archive');
  return bundleBytes({ title, version: codeVersion(), left }, members);
}

/** As `train --config` takes them. */
function configFiles({ runs, datasets }: Recipe): Record<string, string> {
  const names = new Map(datasets.map(({ fingerprint, name }) => [fingerprint, name]));
  const files: Record<string, string> = {};
  for (const { name, model, seed, dataset, config } of runs) {
    const file = freeName(`configs/${memberName(name)}`, (one) => `${one}.json` in files);
    const record = { model, dataset: names.get(dataset), seed, config };
    files[`${file}.json`] = `${JSON.stringify(record, null, 2)}\n`;
  }
  return files;
}

/** Part of a name that every system takes. */
const memberName = (name: string) =>
  fileSafe(name)
    .slice(0, 100)
    .replaceAll(/^\.+|\.+$/g, '') || 'run';

async function reportFiles(
  store: Store,
  { runs, title, notes: text, baseline, metrics, labels }: BundleRequest,
): Promise<Record<string, string>> {
  const options = { baseline, metrics, labels, title, text };
  const report = await reportOfRuns(store, runs, { ...options, format: 'folder', fileName: 'report' });
  const latex = await reportOfRuns(store, runs, { ...options, format: 'latex' });
  return Object.fromEntries([
    [`report/${report.fileName}`, report.text],
    ...report.files.map((file) => [`report/${file.fileName}`, file.text]),
    ['report/table.tex', latex.text],
  ]);
}

function planFile(
  store: Store,
  { runs, title: name, baseline, metrics, labels }: BundleRequest,
  left: string[],
): Record<string, string> {
  try {
    return { [BUNDLED_PLAN]: planOfRuns(store, runs, { name, baseline, metrics, labels, byContent: true }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    left.push(`a plan: ${error.message}`);
    return {};
  }
}

/** Of each data set and split that a run was measured on, what is held out. */
async function splitFiles(
  store: Store,
  { datasets }: Recipe,
  runs: readonly RunRecord[],
  left: string[],
): Promise<Record<string, string>> {
  const keys = [
    ...Object.keys(splitFields),
    ...Object.keys(protocolFields).filter((key) => key === 'targets'),
  ];
  const files: Record<string, string> = {};
  for (const { name, fingerprint } of datasets) {
    const own = runs.filter((run) => run.kind === 'own' && run.dataset.fingerprint === fingerprint);
    const ids = own.map(({ dataset }) => dataset?.id);
    const summary = store.datasets.list().find(({ id }) => ids.includes(id));
    if (!summary || summary.clicks) {
      left.push(`the split of ${name}: ${summary ? 'it is a click log' : 'the data set has been deleted'}`);
      continue;
    }
    const choices = own.map(({ config }) =>
      JSON.stringify(
        Object.fromEntries(keys.flatMap((key) => (config && key in config ? [[key, config[key]]] : []))),
      ),
    );
    for (const choice of new Set(choices)) {
      const manifest = await describeSplit(
        store.datasets.folder(summary.id),
        splitChoice(JSON.parse(choice)),
      );
      const base = `splits/${memberName(name)}-${manifest.split.split}`;
      const file = freeName(base, (one) => `${one}.json` in files);
      files[`${file}.json`] = `${JSON.stringify(manifest, null, 2)}\n`;
    }
  }
  return files;
}

/** Metrics, curves, and the rank of every user's item. Configs are files of their own. */
function resultFiles(store: Store, runs: readonly RunRecord[], signal?: AbortSignal): Promise<Members> {
  return withScratch(async (scratch) => {
    const folder = join(scratch, 'results');
    const written = (row: string) => withoutFolders(row, store.home);
    await exportRuns(store, { runs, folder, format: 'parquet', written }, { signal });
    const files = readdirSync(folder).filter((name) => name !== 'config.parquet');
    return Object.fromEntries(files.map((name) => [`results/${name}`, readFileSync(join(folder, name))]));
  });
}

const LIST_COLUMNS = "{'run': 'VARCHAR', 'user': 'VARCHAR', 'items': 'VARCHAR[]'}";

/** The items that were recommended to each user of the test, best first, with the ids of the imported files. */
function listFiles(store: Store, runs: readonly RunRecord[], left: string[]): Promise<Members> {
  return withScratch(async (scratch) => {
    const rows = join(scratch, 'lists.rows');
    const known = new Map<string, Promise<[users: string[], items: string[]]>>();
    writeFileSync(rows, '');
    let count = 0;
    for (const { id, name, dataset } of runs) {
      const ranks = store.ranks.read(id, 'test');
      if (ranks === null || ranks.topK === 0 || !dataset?.id) {
        const isKept = ranks !== null && ranks.topK > 0;
        left.push(`the lists of ${name}: ${isKept ? 'its data set has been deleted' : 'none are kept'}`);
        continue;
      }
      const folder = store.datasets.folder(dataset.id);
      const ids = known.get(folder) ?? Promise.all([readUserIds(folder), readItemIds(folder)]);
      known.set(folder, ids);
      const [users, items] = await ids;
      const { topK, topItems } = ranks;
      const lines = Array.from(ranks.users, (user, at) => {
        const list = topItems.subarray(at * topK, (at + 1) * topK).filter((item) => item >= 0);
        return JSON.stringify({ run: id, user: users[user], items: Array.from(list, (item) => items[item]) });
      });
      writeFileSync(rows, `${lines.join('\n')}\n`, { flag: 'a' });
      count += lines.length;
    }
    if (count === 0) return {} as Members;
    const to = join(scratch, 'lists.parquet');
    mkdirSync(join(scratch, 'spill'));
    const query = `SELECT * FROM read_json(${literal(rows)}, format = 'newline_delimited', columns = ${LIST_COLUMNS})`;
    await withDuck((duck) => duck.run(`COPY (${query}) TO ${literal(to)} (FORMAT parquet)`), {
      temporaryDirectory: join(scratch, 'spill'),
      advice: EXPORT_ADVICE,
    });
    return { 'results/lists.parquet': readFileSync(to) } as Members;
  });
}
