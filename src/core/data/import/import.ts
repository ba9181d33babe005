import { resolve } from 'node:path';
import { CancelledError, throwIfCancelled, UserError } from '../../errors.ts';
import { type ClickDescription, writeClicks } from '../clicks/write.ts';
import { Duck } from '../duck.ts';
import { allBadRows, type BadRows, badRowsError, badRowText } from '../formats/bad-rows.ts';
import type { IngestContext, IngestedInteractions, IngestedRows } from '../formats/raw-tables.ts';
import type { DatasetSummary, MixedColumn } from '../types.ts';
import { filterRows } from './filter.ts';
import { ingest } from './ingest.ts';
import { filesOf, planImport } from './plan.ts';
import type { ImportPlan } from './plan-types.ts';
import {
  type ImportRequest,
  type ImportRequestInput,
  importRequestSchema,
  parseImportInput,
  type SideRole,
  withPreset,
} from './request.ts';
import { ingestSides, type Sides } from './side.ts';
import { describeSources, UnchangedSources } from './source-files.ts';
import { Staging } from './staging.ts';
import {
  assignIds,
  type DatasetDescription,
  describeWritten,
  namedEvents,
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
  /** Hears the name that the data set will have before anything is read, and throws where it cannot be. */
  checkName?: (name: string) => void;
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
  context.checkName?.(name);
  const staging = new Staging(context.home, name);
  const unchanged = new UnchangedSources(filesOf(plan));
  const failed = new AbortController();
  const signals = [failed.signal, ...(context.signal ? [context.signal] : [])];
  try {
    // Meanwhile, on what DuckDB leaves of the processor. What is wrong with a file is said by what reads it.
    const hashed = describeSources(filesOf(plan), request.paths, AbortSignal.any(signals));
    hashed.catch(() => {});
    const duck = await Duck.open({
      temporaryDirectory: staging.scratch(),
      signal: context.signal,
      reads: filesOf(plan),
    });
    const built = await build(plan, request, duck, staging, context).finally(() => duck.close());
    const sourceFiles = await hashed;
    unchanged.require();
    const summary: DatasetSummary = {
      id: staging.id,
      name,
      createdAt: new Date().toISOString(),
      sources: request.paths.map((path) => resolve(path)),
      sourceFiles,
      options: recordedOptions(request, plan),
      ...built,
      seconds: (performance.now() - started) / 1000,
    };
    throwIfCancelled(context.signal);
    staging.writeJson('dataset.json', summary);
    staging.publish();
    return summary;
  } catch (error) {
    failed.abort();
    staging.remove();
    // What else was wrong may be of a file that is half written.
    if (!(error instanceof CancelledError)) unchanged.require();
    throw error;
  }
}

/** What the files of a plan hold, as tables of DuckDB. */
export interface ReadFiles extends Sides {
  rows: IngestedRows;
  /** Of all files together. */
  bad: BadRows;
  mixed: MixedColumn[];
}

/** Reads the files of a plan into tables: the rows (`ingest`) and those that describe items and users (`ingestSides`). */
export async function readFiles(
  plan: ImportPlan,
  request: ImportRequest,
  { duck, staging, signal }: Pick<IngestContext, 'duck' | 'staging' | 'signal'>,
  onProgress: (progress: { phase: 'read' | 'describe'; fraction: number }) => void = () => {},
): Promise<ReadFiles> {
  const onFraction = (fraction: number) => onProgress({ phase: 'read', fraction });
  onFraction(0);
  const rows = await ingest(plan.interactions, { duck, staging, signal, onFraction });
  onProgress({ phase: 'describe', fraction: 0 });
  const { items, users } = await ingestSides(plan, request, duck, staging, signal);
  const mixed = [items, users].flatMap((side) => side?.mixed ?? []);
  return { rows, items, users, bad: allBadRows([rows, items, users]), mixed };
}

type Described = (DatasetDescription | ClickDescription) & Pick<DatasetSummary, 'filtered'>;
type Built = Described & Pick<DatasetSummary, 'side' | 'mixed' | 'badRows' | 'badRowExamples'>;

async function build(
  plan: ImportPlan,
  request: ImportRequest,
  duck: Duck,
  staging: Staging,
  { signal, onProgress }: ImportContext,
): Promise<Built> {
  if (plan.kind === 'clicks') refuseFilters(request);
  const files = await readFiles(plan, request, { duck, staging, signal }, onProgress);
  const { rows, items, users, mixed } = files;
  const { badRows, examples } = files.bad;
  if (badRows > 0 && !request.skipBadRows) throw badRowsError(badRows, examples);
  const report = (phase: ImportPhase) => (fraction: number) => onProgress?.({ phase, fraction });
  const source = plan.interactions[0].path;
  const described =
    rows.kind === 'clicks'
      ? await writeClicks(duck, staging, { ...rows, source }, files, report('summarise'))
      : await filterAndWrite(duck, staging, request, { ...files, rows, source }, report);
  const events = rows.kind === 'clicks' ? [] : namedEvents(rows.events);
  const side = {
    item: items?.roles ?? {},
    user: users?.roles ?? {},
    ...(events.length > 0
      ? { event: Object.fromEntries(events.map(({ own, role }) => [own, role as SideRole])) }
      : {}),
  };
  return { ...described, side, mixed, badRows, badRowExamples: examples.map(badRowText) };
}

async function filterAndWrite(
  duck: Duck,
  staging: Staging,
  request: ImportRequest,
  { rows, source, items, users }: Sides & { rows: IngestedInteractions; source: string },
  report: (phase: ImportPhase) => (fraction: number) => void,
): Promise<Described> {
  report('filter')(0);
  const filtered = await filterRows(duck, request, rows);
  await assignIds(duck);
  const { rating, dates, repeats, core } = filtered;
  await refuseUnusable(duck, source, rating + dates + repeats + core > 0);
  report('order')(0);
  const timeSpan = await writeInteractions(duck, staging, request, rows, report('order'));
  report('summarise')(0);
  await writeSideFiles(duck, staging, { items, users });
  return { ...(await describeWritten(duck, staging, rows, items, timeSpan)), filtered };
}

/** Throws UserError for filters that the rows of a click log do not know. */
function refuseFilters(request: ImportRequest): void {
  const filter = (['minUser', 'minItem', 'minRating', 'from', 'to'] as const).find((key) => request[key]);
  if (filter === undefined) return;
  throw new UserError({
    code: 'unsuitable-dataset',
    problem: `${filter} filters interactions, not the rows of a click log`,
    fix: {
      cli: 'leave it out, or import with --kind interactions',
      window: 'leave it out, or read the files as interactions',
    },
  });
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
