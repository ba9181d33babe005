import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ErrorDetails, UserError } from '../../errors.ts';
import { decodedText } from '../formats/entities.ts';
import type { FileKind } from '../formats/sniff.ts';
import type { ClickRoles } from './feature-roles.ts';
import { checkPlan, planFiles } from './plan.ts';
import type { PlannedFile } from './plan-types.ts';
import {
  type DatasetKind,
  type Encoding,
  type ImportPreset,
  importOverridesSchema,
  parseImportInput,
  presetsFor,
  type SideRoles,
  type TimeUnit,
} from './request.ts';
import type { Columns } from './roles.ts';

const PREVIEW_ROWS = 20;

export interface PreviewFile {
  path: string;
  part: 'interactions' | 'items' | 'users';
  /** sha256 of its length and its beginning: of a file that was moved the same. */
  head: string;
  kind: FileKind;
  gzip: boolean;
  encoding: Encoding;
  /** null where columns are not separated by characters. */
  separator: string | null;
  header: boolean;
  columns: string[];
  /** Column of each role. */
  roles: Columns;
  /** The meaning of every column of a click log; null for other files. */
  clicks: ClickRoles | null;
  /** The meaning of the columns that describe items, users or interactions; null where there are none. */
  side: SideRoles | null;
  /** Unit of the time column, or null without one. */
  timeUnit: TimeUnit | null;
  /** The first rows as text, one field a column; of files that describe, as they will be read. */
  rows: (string | null)[][];
}

export interface ImportPreview {
  kind: DatasetKind;
  /** Suggested name of the data set. */
  name: string;
  files: PreviewFile[];
  /** Filters that were made for such files. */
  presets: ImportPreset[];
  /** Data files found but not used. */
  ignored: string[];
  /** Why the import would be refused as it stands, or null. */
  problem: ErrorDetails | null;
}

/**
 * What an import of these paths would read, and as what, from the beginnings of the files. `overrides` are those of the
 * import request. Throws UserError for files that cannot be read at all.
 */
export async function previewImport(
  paths: readonly string[],
  overrides: unknown = {},
): Promise<ImportPreview> {
  const plan = await planFiles(paths, parseImportInput(importOverridesSchema, overrides));
  const parts = ['interactions', 'items', 'users'] as const;
  return {
    kind: plan.kind,
    name: plan.name,
    files: parts.flatMap((part) => plan[part].map((file) => previewFile(file, part))),
    presets: presetsFor(plan.interactions.flatMap(({ columns }) => columns)),
    ignored: plan.ignored,
    problem: problemOf(() => checkPlan(plan, paths)),
  };
}

function previewFile(file: PlannedFile, part: PreviewFile['part']): PreviewFile {
  const { path, kind, gzip, encoding, header, columns, roles, clicks, side, timeUnit, dialect, rows } = file;
  const shown = rows.slice(0, PREVIEW_ROWS);
  return {
    path,
    part,
    head: headOf(path),
    kind,
    gzip,
    encoding,
    header,
    columns,
    roles,
    clicks,
    side,
    separator: kind === 'delimited' ? dialect.separator : null,
    timeUnit: roles.time === undefined ? null : timeUnit,
    rows:
      part === 'interactions' ? shown : shown.map((row) => row.map((value) => value && decodedText(value))),
  };
}

const HEAD_BYTES = 65_536;

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const read = readSync(file, bytes, 0, HEAD_BYTES, 0);
    return createHash('sha256')
      .update(`${fstatSync(file).size} `)
      .update(bytes.subarray(0, read))
      .digest('hex');
  } finally {
    closeSync(file);
  }
}

function problemOf(check: () => void): ErrorDetails | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.details;
    throw error;
  }
}
