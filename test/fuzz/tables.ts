/** Data sets: every record of a damaged file must become a row or a counted bad row. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Duck, pathLiteral } from '../../src/core/data/duck.ts';
import { count } from '../../src/core/data/formats/raw-tables.ts';
import { importDataset } from '../../src/core/data/import/import.ts';
import { ingest } from '../../src/core/data/import/ingest.ts';
import { planImport } from '../../src/core/data/import/plan.ts';
import type { ImportPlan, PlannedFile } from '../../src/core/data/import/plan-types.ts';
import { previewImport } from '../../src/core/data/import/preview.ts';
import {
  type ImportRequestInput,
  importRequestSchema,
  parseImportInput,
} from '../../src/core/data/import/request.ts';
import { ingestSide } from '../../src/core/data/import/side.ts';
import { Staging } from '../../src/core/data/import/staging.ts';
import { UserError } from '../../src/core/errors.ts';
import { countItems, countRecords } from './oracle.ts';

/** Reads the files of an import as the importer does, up to the tables, and compares the counts with the oracle's. */
export async function checkTables(
  paths: string[],
  folder: string,
  options: Partial<ImportRequestInput> = {},
) {
  const request = parseImportInput(importRequestSchema, { ...options, paths });
  const plan = await planImport(paths, request);
  const staging = new Staging(folder, 'fuzz');
  const duck = await Duck.open({ temporaryDirectory: staging.scratch() });
  try {
    await checkInteractions(plan, duck, staging);
    for (const part of ['item', 'user'] as const) {
      const files = plan[`${part}s`];
      if (files.length === 0) continue;
      const side = await ingestSide(files, part, `${part}_side`, duck, staging, {
        trimmed: plan.kind === 'clicks',
      });
      // Ids that come twice are one row.
      const rows = await count(duck, `${part}_side`);
      const expected = await recordsOf(files, duck);
      if (
        rows + side.badRows > expected ||
        side.badRows > expected ||
        (rows === 0 && side.badRows < expected)
      ) {
        throw new Error(`${part} files: ${rows} rows and ${side.badRows} bad rows of ${expected} records`);
      }
    }
  } finally {
    duck.close();
    staging.remove();
  }
}

async function checkInteractions(plan: ImportPlan, duck: Duck, staging: Staging): Promise<void> {
  const source = await ingest(plan.interactions, { duck, staging, onFraction: () => {} });
  const rows = await count(duck, plan.kind === 'clicks' ? 'clicks' : 'source');
  const expected = await recordsOf(plan.interactions, duck);
  const [first] = plan.interactions;
  if (source.badRows > 0 && source.examples.length === 0) throw new Error('bad rows without an example');
  if (source.examples.some(({ line, problem }) => !(line >= 1) || problem === '')) {
    throw new Error(`a bad row without its line: ${JSON.stringify(source.examples)}`);
  }
  if (first.kind === 'sequences') {
    const items = plan.interactions.reduce((sum, file) => sum + countItems(plainBytes(file)), 0);
    if (rows !== items) throw new Error(`${rows} interactions in place of ${items}`);
    if (source.badRows > expected) throw new Error(`${source.badRows} bad rows of ${expected} records`);
  } else if (rows + source.badRows !== expected) {
    throw new Error(`${rows} rows and ${source.badRows} bad rows in place of ${expected} records`);
  }
}

async function recordsOf(files: readonly PlannedFile[], duck: Duck): Promise<number> {
  let records = 0;
  for (const file of files) {
    const { kind, dialect, header } = file;
    if (kind === 'parquet') records += await count(duck, `read_parquet(${pathLiteral(file.path)})`);
    else records += countRecords(plainBytes(file), { kind, ...dialect, header });
  }
  return records;
}

/** As UTF-8; the import reads what is no UTF-8 as Latin-1, also where the bytes that a preview looks at do not show it. */
function plainBytes({ path, gzip, encoding }: PlannedFile): Buffer {
  const bytes = readFileSync(path);
  const plain = gzip ? gunzipSync(bytes) : bytes;
  return encoding === 'latin-1' || !isUtf8(plain) ? Buffer.from(plain.toString('latin1')) : plain;
}

/** A preview and a whole import. */
export async function checkImport(paths: string[], folder: string): Promise<void> {
  const preview = await previewImport(paths);
  const summary = await importDataset({ paths, skipBadRows: true }, { home: join(folder, 'home') }).catch(
    (error: unknown) => {
      if (error instanceof UserError) return null;
      throw error;
    },
  );
  if (summary !== null && preview.problem !== null)
    throw new Error('imported in spite of the problem in the preview');
}
