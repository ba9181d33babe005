/** Training, validation and test of a data set as files with the ids of its sources, for programs that train elsewhere. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Duck, literal, pathLiteral, withDuck } from '../../data/duck.ts';
import { openInteractions, readSummary } from '../../data/read.ts';
import type { Split } from '../../data/splits/split.ts';
import type { DatasetSummary } from '../../data/types.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { EXPORT_ADVICE } from '../../files/durable.ts';
import { sha256 } from '../../files/sha256.ts';
import { existingFolder, filesPutThere, writeWholeFolder } from '../../files/whole-folder.ts';
import { trainingPart } from '../../training/ranking/context.ts';
import { requirePlainIds } from '../plain-ids.ts';
import type { ExportFormat } from './formats.ts';
import { MANIFEST, type Manifest, manifestIn, manifestOf, type SplitChoice } from './manifest.ts';
import { splitFiles } from './split-files.ts';

export interface SplitExport {
  datasetDir: string;
  /** Made; one that is there must be empty, or hold an earlier export and nothing else. */
  folder: string;
  format: ExportFormat;
  split: SplitChoice;
}

export interface ExportProgress {
  /** The file that is being written. */
  file: string;
  /** Of all files, 0..1. */
  fraction: number;
}

interface Work {
  signal?: AbortSignal;
  onProgress?(progress: ExportProgress): void;
}

/**
 * Writes a split into a folder, whole or not at all: into another one beside it, synced, then renamed. Rows are streamed; in memory are
 * the interactions as numbers. Throws UserError for a folder that holds something else, and for ids that the format cannot hold.
 */
export async function exportSplit(request: SplitExport, work: Work = {}): Promise<Manifest> {
  const { datasetDir, format, split: choice } = request;
  const folder = resolve(request.folder);
  const earlier = earlierExport(folder);
  const summary = readSummary(datasetDir);
  const data = await openInteractions(datasetDir);
  const { split } = trainingPart(data, choice);
  throwIfCancelled(work.signal);
  return writeWholeFolder(
    folder,
    async (partial) => {
      const files = await writeParts({ summary, datasetDir, format, split, folder: partial }, work);
      const rows = (part: string) => files.find((file) => file.part === part)?.rows ?? 0;
      const manifest = manifestOf(
        { summary, data, choice },
        {
          format,
          reading: { ...READING, ...renamedColumns(summary) },
          counts: {
            users: data.users,
            items: data.items,
            train: split.trainEnds().reduce((sum, end, user) => sum + end - data.offsets[user], 0),
            validation: rows('validation'),
            validationUsers: split.usersWithTargets('valid').length,
            testUsers: split.evaluatedUsers,
            usersWithoutHistory: split.newUsers,
          },
          files,
        },
      );
      writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    },
    earlier,
  );
}

const READING = {
  order:
    'the rows of a user are in order of time; equal times have the order that counts, so sort by position, or not at all',
  train: 'all that a model may learn from until it is chosen; with validation added for a final training',
  validation:
    "of each user with rows in train, the first row here is the target, and the user's rows in train are its history",
  test: "one row a user, the target; the user's rows in train and validation are its history, and are no candidates",
  candidates: 'all rows of items with candidate = 1',
};

/** A column that the items have themselves is written under another name than that of the export's own. */
const renamedColumns = ({ side }: DatasetSummary): Record<string, string> =>
  'candidate' in (side?.item ?? {}) ? { item_candidate: 'the column "candidate" of the imported items' } : {};

/** The files of an earlier export into a folder. Throws UserError for a folder that holds anything else. */
function earlierExport(folder: string): string[] {
  const found = filesPutThere(existingFolder(folder) ?? []);
  const ours = [MANIFEST, ...(manifestIn(join(folder, MANIFEST))?.files ?? []).map(({ name }) => name)];
  const other = found.find((name) => !ours.includes(name));
  if (other !== undefined || (found.length > 0 && ours.length === 1))
    throw new UserError(
      `${folder}: holds something else (${other ?? MANIFEST}); name a new folder, or an empty one`,
    );
  return found;
}

interface Written {
  summary: DatasetSummary;
  datasetDir: string;
  format: ExportFormat;
  split: Split;
  folder: string;
}

async function writeParts(written: Written, { signal, onProgress }: Work): Promise<Manifest['files']> {
  const { summary, format, folder } = written;
  const spill = join(folder, 'spill');
  mkdirSync(spill);
  const write = async (duck: Duck) => {
    await nameRows(duck, written);
    if (format === 'recbole' || format === 'sequences')
      await requirePlainIds(duck, written.datasetDir, `ids in ${format} files; choose csv or parquet`);
    const statements = splitFiles(format, summary);
    const files: Manifest['files'] = [];
    for (const [at, { part, file, sql, copy }] of statements.entries()) {
      const report = (fraction: number) =>
        onProgress?.({ file, fraction: (at + fraction) / statements.length });
      report(0);
      const path = join(folder, file);
      const result = await duck.run(`COPY (${sql}) TO ${literal(path)} (${copy})`, report);
      const count = Number((await result.getRows())[0][0]);
      files.push({ name: file, part, rows: count, bytes: statSync(path).size, sha256: await sha256(path) });
    }
    return files;
  };
  return withDuck(write, { temporaryDirectory: spill, signal, advice: EXPORT_ADVICE });
}

/** `named`: every row that is in a part, with its place in the data and in its user's sequence; `listed`: the items. */
async function nameRows(duck: Duck, { datasetDir, split, summary, folder }: Written): Promise<void> {
  const { offsets, users } = split.interactions;
  const bounds = join(folder, 'spill', 'bounds.csv');
  const lines = Array.from({ length: users }, (_, user) =>
    [user, offsets[user], split.trainEnd(user), split.testIndex(user), Number(split.hasTargets(user))].join(
      ',',
    ),
  );
  writeFileSync(bounds, lines.join('\n'));
  const parquet = (file: string) => `read_parquet(${pathLiteral(join(datasetDir, `${file}.parquet`))}`;
  const { hasRatings, timeSpan } = summary.statistics;
  await duck.run(
    `CREATE TABLE bounds AS SELECT * FROM read_csv(${pathLiteral(bounds)}, header = false,
       columns = {'u': 'INTEGER', 'first': 'BIGINT', 'trained': 'BIGINT', 'tested': 'BIGINT', 'targets': 'INTEGER'})`,
  );
  await duck.run(
    `CREATE VIEW named AS SELECT users.id AS "user", items.id AS item, place - first AS position${hasRatings ? ', rating' : ''}${timeSpan ? ', "time"' : ''}, place,
       CASE WHEN place < trained THEN 'train' WHEN place < tested THEN 'validation' WHEN place = tested AND targets = 1 THEN 'test' END AS part, place IN (trained, tested) AND place > first AS target
     FROM (SELECT *, file_row_number AS place FROM ${parquet('interactions')}, file_row_number = true)) AS acts
     JOIN bounds ON u = acts."user" JOIN ${parquet('users')}) AS users ON users."user" = acts."user"
     JOIN ${parquet('items')}) AS items ON items.item = acts.item`,
  );
  const renamed = 'item_candidate' in renamedColumns(summary) ? 'RENAME (candidate AS item_candidate)' : '';
  await duck.run(
    `CREATE VIEW listed AS SELECT id AS item, (interactions > 0)::INTEGER AS candidate, * EXCLUDE (item, id, interactions) ${renamed}
     FROM ${parquet('items')}) AS items ORDER BY items.item`,
  );
}
