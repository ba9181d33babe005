import { resolve } from 'node:path';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { ingestClicks, refuseUnusableClicks } from '../clicks/ingest.ts';
import { type ClickDescription, writeClickSides, writeClicks } from '../clicks/write.ts';
import { Duck } from '../duck.ts';
import { type BadRow, badRowsError, badRowText } from '../formats/bad-rows.ts';
import type { IngestedInteractions } from '../formats/raw-tables.ts';
import type { DatasetSummary } from '../types.ts';
import { filterRows } from './filter.ts';
import { ingest } from './ingest.ts';
import { planImport } from './plan.ts';
import type { ImportPlan } from './plan-types.ts';
import {
  type ImportRequest,
  type ImportRequestInput,
  importRequestSchema,
  parseImportInput,
  withPreset,
} from './request.ts';
import { ingestSides, mixedColumns, type SideTable } from './side.ts';
import { Staging } from './staging.ts';
import {
  assignIds,
  type DatasetDescription,
  describeWritten,
  refuseUnusable,
  writeInteractions,
  writeSideFiles,
} from './write.ts';

export type ImportPhase = 'read' | 'describe' | 'filter' | 'order' | 'summarise';

export interface ImportProgress {
  phase: ImportPhase;
  /** Of the phase, 0..1. */
  fraction: number;
}

export interface ImportContext {
  /** The data set goes to <home>/datasets/<id>/. */
  home: string;
  signal?: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
}

/**
 * Imports files and folders as one data set: interactions.parquet, items.parquet, users.parquet and dataset.json in
 * <home>/datasets/<id>/, which appears whole or not at all. Dense ids are given in the order of idOrder (write.ts).
 * Throws UserError for bad input and CancelledError when the signal fires.
 */
export async function importDataset(
  input: ImportRequestInput,
  context: ImportContext,
): Promise<DatasetSummary> {
  const started = performance.now();
  const request = withPreset(parseImportInput(importRequestSchema, input));
  const plan = await planImport(request.paths, request);
  throwIfCancelled(context.signal);
  const name = request.name ?? plan.name;
  const staging = new Staging(context.home, name);
  try {
    const duck = await Duck.open({ temporaryDirectory: staging.scratch(), signal: context.signal });
    const make = plan.kind === 'clicks' ? buildClicks : build;
    const built = await make(plan, request, duck, staging, context).finally(() => duck.close());
    const summary: DatasetSummary = {
      id: staging.id,
      name,
      createdAt: new Date().toISOString(),
      sources: request.paths.map((path) => resolve(path)),
      options: recordedOptions(request, plan),
      ...built,
      seconds: (performance.now() - started) / 1000,
    };
    throwIfCancelled(context.signal);
    staging.writeJson('dataset.json', summary);
    staging.publish();
    return summary;
  } catch (error) {
    staging.discard();
    throw error;
  }
}

type Built = (DatasetDescription | ClickDescription) &
  Pick<DatasetSummary, 'side' | 'mixed' | 'filtered'> & { badRows: number; badRowExamples: string[] };

async function build(
  plan: ImportPlan,
  request: ImportRequest,
  duck: Duck,
  staging: Staging,
  { signal, onProgress }: ImportContext,
): Promise<Built> {
  const report = (phase: ImportPhase) => (fraction: number) => onProgress?.({ phase, fraction });
  report('read')(0);
  const source = await ingest(plan.interactions, { duck, staging, signal, onFraction: report('read') });
  report('describe')(0);
  const { items, users } = await ingestSides(plan, request, duck, staging, signal);
  const bad = collectBad([source, items, users]);
  if (bad.badRows > 0 && !request.skipBadRows) throw badRowsError(bad.badRows, bad.examples);
  report('filter')(0);
  const filtered = await filterRows(duck, request, source);
  await assignIds(duck);
  const { rating, dates, repeats, core } = filtered;
  await refuseUnusable(duck, plan.interactions[0].path, rating + dates + repeats + core > 0);
  report('order')(0);
  const timeSpan = await writeInteractions(duck, staging, request, source, report('order'));
  report('summarise')(0);
  await writeSideFiles(duck, staging, items, users);
  const described = await describeWritten(duck, staging, source, items, timeSpan);
  const badRowExamples = bad.examples.map(badRowText);
  return { ...described, ...sideFacts(items, users), filtered, badRows: bad.badRows, badRowExamples };
}

async function buildClicks(
  plan: ImportPlan,
  request: ImportRequest,
  duck: Duck,
  staging: Staging,
  { signal, onProgress }: ImportContext,
): Promise<Built> {
  const filter = (['minUser', 'minItem', 'minRating', 'from', 'to'] as const).find((key) => request[key]);
  if (filter !== undefined) {
    throw new UserError({
      code: 'unsuitable-dataset',
      problem: `${filter} filters interactions, not the rows of a click log`,
      fix: {
        cli: 'leave it out, or import with --kind interactions',
        window: 'leave it out, or read the files as interactions',
      },
    });
  }
  const report = (phase: ImportPhase) => (fraction: number) => onProgress?.({ phase, fraction });
  report('read')(0);
  const onFraction = report('read');
  const source = await ingestClicks(plan.interactions, { duck, staging, signal, onFraction });
  const { items, users } = await ingestSides(plan, request, duck, staging, signal);
  const bad = collectBad([source, items, users]);
  if (bad.badRows > 0 && !request.skipBadRows) throw badRowsError(bad.badRows, bad.examples);
  await refuseUnusableClicks(duck, plan.interactions[0].path, source.columns);
  report('summarise')(0);
  const described = await writeClicks(duck, staging, source.columns, report('summarise'));
  await writeClickSides(duck, staging, source.columns, { items, users });
  return {
    ...described,
    ...sideFacts(items, users),
    badRows: bad.badRows,
    badRowExamples: bad.examples.map(badRowText),
  };
}

/** The side columns as the summary records them. */
function sideFacts(items: SideTable | null, users: SideTable | null): Pick<DatasetSummary, 'side' | 'mixed'> {
  return {
    side: { item: items?.roles ?? {}, user: users?.roles ?? {} },
    mixed: mixedColumns(items, users),
  };
}

/** The bad rows of all parts together. */
export function collectBad(
  parts: (Pick<IngestedInteractions, 'badRows' | 'examples'> | SideTable | null)[],
): {
  badRows: number;
  examples: BadRow[];
} {
  const present = parts.filter((part) => part !== null);
  return {
    badRows: present.reduce((sum, part) => sum + part.badRows, 0),
    examples: present.flatMap((part) => part.examples),
  };
}

/** The options and what the sniffer made of the rest, so that the import can be repeated. */
function recordedOptions(request: ImportRequest, plan: ImportPlan): Record<string, unknown> {
  const { paths: _paths, name: _name, ...options } = request;
  const [first] = plan.interactions;
  const described = (files: ImportPlan['items']) =>
    files.map(({ path, kind, encoding, roles, side }) => ({
      path,
      kind,
      encoding,
      roles,
      ...(side === null ? {} : { side }),
    }));
  return {
    ...options,
    roles: first.roles,
    ...(first.clicks === null ? {} : { columns: first.clicks }),
    ...(first.actions.length > 0 ? { actions: first.actions } : {}),
    timeUnit: first.roles.time === undefined ? null : first.timeUnit,
    files: {
      interactions: described(plan.interactions),
      items: described(plan.items),
      users: described(plan.users),
      ignored: plan.ignored,
    },
  };
}
