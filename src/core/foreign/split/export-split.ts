/** Training, validation and test of a data set as files with the ids of its sources, for programs that train elsewhere. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Duck, literal, pathLiteral, withDuck } from '../../data/duck.ts';
import { openInteractions, readSummary } from '../../data/read.ts';
import type { HeldOut, Split } from '../../data/splits/split.ts';
import type { DatasetSummary } from '../../data/types.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { EXPORT_ADVICE } from '../../files/durable.ts';
import { sha256 } from '../../files/sha256.ts';
import { existingFolder, filesPutThere, writeWholeFolder } from '../../files/whole-folder.ts';
import { trainingPart } from '../../training/ranking/context.ts';
import { requirePlainIds } from '../plain-ids.ts';
import { type Column, CROISSANT, croissantOf } from './croissant.ts';
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
      const { files, columns } = await writeParts(
        { summary, datasetDir, format, split, choice, folder: partial },
        work,
      );
      const rows = (part: string) => files.find((file) => file.part === part)?.rows ?? 0;
      const manifest = manifestOf(
        { summary, data, choice },
        {
          format,
          reading: { ...READING, ...OF_TARGETS[choice.targets], ...renamedColumns(summary) },
          counts: { ...countsOf(split), validation: rows('validation') },
          files,
        },
      );
      writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
      const croissant = croissantOf(manifest, columns);
      writeFileSync(join(partial, CROISSANT), `${JSON.stringify(croissant, null, 2)}\n`);
      return manifest;
    },
    earlier,
  );
}

/** What an export would say of a split, without its files. */
export async function describeSplit(datasetDir: string, choice: SplitChoice): Promise<Manifest> {
  const summary = readSummary(datasetDir);
  const data = await openInteractions(datasetDir);
  const counts = countsOf(trainingPart(data, choice).split);
  return manifestOf({ summary, data, choice }, { format: 'csv', reading: {}, counts, files: [] });
}

function countsOf(split: Split): Manifest['counts'] {
  const { users, items, offsets } = split.interactions;
  let validation = 0;
  for (let user = 0; user < users; user++)
    validation += Math.max(0, split.heldOutEnd(user, 'valid') - split.validIndex(user));
  return {
    ...{ users, items, validation },
    train: split.trainEnds().reduce((sum, end, user) => sum + end - offsets[user], 0),
    validationUsers: split.usersWithTargets('valid').length,
    testUsers: split.evaluatedUsers,
    usersWithoutHistory: split.newUsers,
  };
}

const READING = {
  order:
    'the rows of a user are in order of time; equal times have the order that counts, so sort by position, or not at all',
  train: 'all that a model may learn from until it is chosen; with validation added for a final training',
  history:
    'of users who are held out whole, what comes before their first row in validation or test: part of its history, and never trained on; such a file is not in every split',
  candidates: 'all rows of items with candidate = 1',
};

const BEFORE =
  "the user's rows in train, history and validation are its history, and are no candidates unless they are targets";
/** The same of what is to be found. */
const OF_TARGETS: Record<SplitChoice['targets'], { validation: string; test: string }> = {
  first: {
    validation:
      "of each user with rows in train or history, the first row here is the target, and the user's rows there are its history",
    test: "one row per user, the target; the user's rows in train, history and validation are its history, and are no candidates",
  },
  all: {
    validation:
      "of each user with rows in train or history, all rows here are targets of one list, and the user's rows there are its history",
    test: `all rows of a user are targets of one list; ${BEFORE}`,
  },
  successive: {
    validation:
      "of each user with rows in train or history, every row here is a target; the user's rows there and the earlier ones here are its history",
    test: `every row is a target of a list of its own; ${BEFORE}, and so are the user's earlier rows here`,
  },
};

/** A column that the items have themselves is written under another name than that of the export's own. */
const renamedColumns = ({ side }: DatasetSummary): Record<string, string> =>
  'candidate' in (side?.item ?? {}) ? { item_candidate: 'the column "candidate" of the imported items' } : {};

/** The files of an earlier export into a folder. Throws UserError for a folder that holds anything else. */
function earlierExport(folder: string): string[] {
  const found = filesPutThere(existingFolder(folder) ?? []);
  const ours = [
    MANIFEST,
    CROISSANT,
    ...(manifestIn(join(folder, MANIFEST))?.files ?? []).map(({ name }) => name),
  ];
  const other = found.find((name) => !ours.includes(name));
  if (other !== undefined || (found.length > 0 && ours.length === 2))
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
  choice: SplitChoice;
  folder: string;
}

interface Parts {
  files: Manifest['files'];
  /** Of each file that is a table. */
  columns: Record<string, Column[]>;
}

async function writeParts(written: Written, { signal, onProgress }: Work): Promise<Parts> {
  const { summary, format, folder, choice } = written;
  const spill = join(folder, 'spill');
  mkdirSync(spill);
  const write = async (duck: Duck) => {
    await nameRows(duck, written);
    if (format === 'recbole' || format === 'sequences')
      await requirePlainIds(duck, written.datasetDir, `ids in ${format} files; choose csv or parquet`);
    const statements = splitFiles(format, summary, choice);
    const files: Manifest['files'] = [];
    const columns: Parts['columns'] = {};
    for (const [at, { part, file, sql, copy }] of statements.entries()) {
      const report = (fraction: number) =>
        onProgress?.({ file, fraction: (at + fraction) / statements.length });
      report(0);
      const path = join(folder, file);
      const result = await duck.run(`COPY (${sql}) TO ${literal(path)} (${copy})`, report);
      const count = Number((await result.getRows())[0][0]);
      if (!file.endsWith('.txt'))
        columns[file] = (await duck.rows(`DESCRIBE ${sql}`)).map((row) => ({
          name: String(row.column_name),
          type: String(row.column_type),
        }));
      files.push({ name: file, part, rows: count, bytes: statSync(path).size, sha256: await sha256(path) });
    }
    return { files, columns };
  };
  return withDuck(write, { temporaryDirectory: spill, signal, advice: EXPORT_ADVICE });
}

/** `named`: every row that is in a part, with its place in the data and in its user's sequence; `listed`: the items. */
async function nameRows(duck: Duck, { datasetDir, split, choice, summary, folder }: Written): Promise<void> {
  const { offsets, users } = split.interactions;
  const bounds = join(folder, 'spill', 'bounds.csv');
  const targetsEnd = (user: number, which: HeldOut, from: number) => {
    const to = split.heldOutEnd(user, which);
    if (from === offsets[user] || from >= to) return from;
    return choice.targets === 'first' ? from + 1 : to;
  };
  const lines = Array.from({ length: users }, (_, user) => {
    const [valid, test] = [split.validIndex(user), split.testIndex(user)];
    return [
      ...[user, offsets[user], split.trainEnd(user)],
      ...[valid, targetsEnd(user, 'valid', valid), split.heldOutEnd(user, 'valid')],
      ...[test, targetsEnd(user, 'test', test)],
    ].join(',');
  });
  writeFileSync(bounds, lines.join('\n'));
  const parquet = (file: string) => `read_parquet(${pathLiteral(join(datasetDir, `${file}.parquet`))}`;
  const { hasRatings, timeSpan } = summary.statistics;
  await duck.run(
    `CREATE TABLE bounds AS SELECT * FROM read_csv(${pathLiteral(bounds)}, header = false,
       columns = {'u': 'INTEGER', 'first': 'BIGINT', 'trained': 'BIGINT', 'valid': 'BIGINT', 'valid_targets': 'BIGINT', 'valid_end': 'BIGINT', 'test': 'BIGINT', 'test_targets': 'BIGINT'})`,
  );
  await duck.run(
    `CREATE VIEW named AS SELECT users.id AS "user", items.id AS item, place - first AS position${hasRatings ? ', rating' : ''}${timeSpan ? ', "time"' : ''}, place,
       CASE WHEN place < trained THEN 'train' WHEN place < least(valid, test) THEN 'history'
         WHEN place >= test AND place < test_targets THEN 'test' WHEN place >= valid AND place < valid_end THEN 'validation' END AS part,
       (place >= test AND place < test_targets) OR (place >= valid AND place < valid_targets) AS target
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
