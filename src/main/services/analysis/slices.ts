import { existsSync } from 'node:fs';
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { ReliabilityCurve, SliceComparison } from '../../../core/api/compare.ts';
import { openInteractions } from '../../../core/data/read.ts';
import { splits } from '../../../core/data/splits/index.ts';
import { countItems } from '../../../core/data/splits/item-counts.ts';
import { protocolBaselines } from '../../../core/documents/comparison/rows/baselines.ts';
import { groupByProtocol, groupRuns } from '../../../core/documents/comparison/rows/rows.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import {
  clickSlices,
  measureSlice,
  reliability,
  reliabilityErrors,
} from '../../../core/evaluation/click-slices.ts';
import {
  bySeenPrefix,
  bySeenTransition,
  itemsBefore,
  type PartitionRule,
  type TrainedOn,
} from '../../../core/evaluation/familiarity.ts';
import { mean } from '../../../core/evaluation/metrics.ts';
import {
  adjustedSlices,
  compareClickSlices,
  type RankSlices,
  testRankSlices,
} from '../../../core/evaluation/paired/slice-tests.ts';
import type { ComparedSlice } from '../../../core/evaluation/paired/types.ts';
import {
  byHistory,
  byNewness,
  byPopularity,
  type SliceResult,
  type SliceRows,
  sliceMetrics,
  sliceRows,
} from '../../../core/evaluation/slices.ts';
import { tasksOf } from '../../../core/evaluation/tasks.ts';
import type { UserRanks } from '../../../core/evaluation/types.ts';
import { hasSemanticIds, readSnapshot } from '../../../core/semantic-ids/artefact.ts';
import type { SemanticIds } from '../../../core/semantic-ids/types.ts';
import { isRunId } from '../../../core/store/runs/run-id.ts';
import type { Store } from '../../../core/store/store.ts';
import type { MeasuredRun } from '../../../core/store/types.ts';
import { protocolSchema } from '../../../core/training/config.ts';
import { trainingPart, trainingPartKey } from '../../../core/training/ranking/context.ts';
import { comparedRuns, hasResults, isMeasured, runPredictions, trainingConfigOf } from './compared-runs.ts';

/** Cut-offs shown for every slice. */
const SLICE_CUTOFFS = [10, 50];

/** What a run was trained on, and the cuts that follow from it. */
interface Training {
  data: TrainedOn['data'];
  popularity: ArrayLike<number>;
  /** Of items hidden from it. */
  hidden: Uint8Array | null;
  cuts: PartitionRule[];
  /** Whether a user was among them, where the split makes new ones. */
  wasTrained: ((user: number) => boolean) | null;
  /** The users that were cut last: compared runs are mostly of the same ones. */
  last?: CutUsers;
}

interface CutUsers {
  of: UserRanks;
  slices: SliceRows[];
  users: ReadonlySet<number>[];
}

/** Semantic IDs by whose prefixes users are cut. */
interface SlicingIds {
  ids: SemanticIds;
  /** Name of the run that they are of. */
  run: string;
}

/** What the slices of several runs have in common. */
interface Shared {
  /** By folder of the data set and training part. */
  trainings: Map<string, Training>;
  /** By fingerprint of the data set that they number the items of. */
  ids: ReadonlyMap<string, SlicingIds>;
}

/**
 * The test metrics of a run by the popularity of the target, by the length of the history and by what training has shown
 * of the target, from its stored ranks. Empty if the run has none or its data set has been deleted.
 */
export async function runSlices(store: Store, run: MeasuredRun): Promise<SliceResult[]> {
  if (tasksOf(run.protocol)) {
    const predictions = runPredictions(store, run);
    return predictions ? clickSlices(predictions).map((slice) => measureSlice([predictions], slice)) : [];
  }
  const sliced = await sliceRanks(store, run, { trainings: new Map(), ids: idsByDataset(store, [run]) });
  return sliced?.slices ?? [];
}

/** Slices of a run of ranks and the users in each. */
interface SlicedRanks {
  slices: SliceResult[];
  users: ReadonlySet<number>[];
  rows?: Int32Array[];
}

/** Null where the run keeps no ranks or its data set has been deleted. */
async function sliceRanks(store: Store, run: MeasuredRun, shared: Shared): Promise<SlicedRanks | null> {
  const found = await cutRanks(store, run, shared);
  if (!found) return null;
  const { ranks, slices, users } = found;
  const rows = ranks.several && slices.map((slice) => slice.rows);
  return { slices: sliceMetrics(ranks, slices, SLICE_CUTOFFS), users, ...(rows ? { rows } : {}) };
}

/** The slices of a run's test users, each with the rows of the ranks in it; none where the run keeps no ranks or its data set has been deleted. */
export async function slicedUsers(store: Store, run: MeasuredRun): Promise<SliceRows[]> {
  const found = await cutRanks(store, run, { trainings: new Map(), ids: idsByDataset(store, [run]) });
  return found?.slices ?? [];
}

async function cutRanks(
  store: Store,
  run: MeasuredRun,
  { trainings, ids }: Shared,
): Promise<(Pick<CutUsers, 'slices' | 'users'> & { ranks: UserRanks }) | null> {
  const { protocol } = run;
  const folder = run.dataset.id === null ? null : store.datasets.folder(run.dataset.id);
  if (protocol?.task !== undefined || !folder || !existsSync(folder)) return null;
  const ranks = store.ranks.read(run.id, 'test');
  if (!ranks) return null;
  const key = `${folder} ${trainingPartKey(trainingConfigOf(run))}`;
  const trained = trainings.get(key) ?? (await trainingOf(folder, run, ids.get(run.dataset.fingerprint)));
  trainings.set(key, trained);
  if (!trained.last || !areOfSameUsers(trained.last.of, ranks)) trained.last = cutUsers(ranks, trained);
  return { ranks, ...trained.last };
}

function cutUsers(of: UserRanks, { data, popularity, hidden, cuts, wasTrained }: Training): CutUsers {
  const last = itemsBefore(of, data);
  const partitions = [
    byPopularity(of, popularity, hidden),
    byHistory(of),
    ...(wasTrained ? [byNewness(of, popularity, wasTrained)] : []),
    ...cuts.map((cut) => cut(of, last)),
  ];
  const slices = sliceRows(of.users.length, partitions);
  return { of, slices, users: slices.map(({ rows }) => new Set(rows.map((row) => of.users[row]))) };
}

function areOfSameUsers(one: UserRanks, other: UserRanks): boolean {
  return (['users', 'targets', 'historyLengths'] as const).every(
    (key) => one[key].length === other[key].length && one[key].every((value, at) => value === other[key][at]),
  );
}

async function trainingOf(
  folder: string,
  run: MeasuredRun,
  slicing: SlicingIds | undefined,
): Promise<Training> {
  const trained = trainingPart(await openInteractions(folder), trainingConfigOf(run));
  const { data, trainEnd, hidden } = trained;
  const cuts = [
    bySeenTransition(trained),
    ...(slicing ? [bySeenPrefix(trained, slicing.ids, slicing.run)] : []),
  ];
  const { split } = protocolSchema.parse(trainingConfigOf(run));
  const makesNew = splits[split].newItems === 'unseen' && !splits[split].strangers;
  const wasTrained = makesNew ? (user: number) => trainEnd[user] > data.offsets[user] : null;
  return { data, popularity: countItems(data, trainEnd), hidden, cuts, wasTrained };
}

/** Semantic IDs by data set: those of the first run on it that has or uses any. */
function idsByDataset(store: Store, runs: readonly MeasuredRun[]): Map<string, SlicingIds> {
  const found = new Map<string, SlicingIds>();
  for (const { id, name, config, dataset } of runs) {
    if (found.has(dataset.fingerprint)) continue;
    const sources = [id, config?.tokeniser].filter((one) => typeof one === 'string').filter(isRunId);
    const source = sources.find((one) => hasSemanticIds(store.runs.folder(one)));
    if (source === undefined) continue;
    const { ids } = readSnapshot(store.runs.folder(source));
    const run = store.runs.exists(source) ? store.runs.own(source).name : name;
    found.set(dataset.fingerprint, { ids, run });
  }
  return found;
}

/**
 * Slices of the rows of a comparison, in the order of the runs; a row without ranks or predictions has none. Beside a
 * baseline (the id of one of its runs) they have differences, and rows of click predictions have intervals over all their
 * seeds.
 */
export async function comparedSlices(
  store: Store,
  { runs, baseline = null }: { runs: readonly string[]; baseline?: string | null },
): Promise<SliceComparison[]> {
  const withResults = measuredOf(store, runs).filter(hasResults);
  const ids = withResults.map(({ id }) => id);
  const { groups: rows, protocols } = groupByProtocol(groupRuns(comparedRuns(store, ids)));
  const chosen = rows.findIndex((row) => row.runs.some(({ id }) => id === baseline));
  const baselines = protocolBaselines(rows, protocols, chosen < 0 ? null : chosen);
  const baseOf = (row: number) => baselines[protocols.findIndex((group) => group.rows.includes(row))];
  const slices = await slicesOfRows(store, rows, [...rows.keys()].map(baseOf));
  return rows.map((row, at) => ({ id: row.runs[0].id, slices: slices[at] }));
}

/** The same for rows that are already read, aligned with them; `baselines` are the places of those that each is tested against. */
export async function slicesOfRows(
  store: Store,
  rows: readonly { runs: readonly ComparedRun[] }[],
  baselines: readonly (number | null)[],
): Promise<ComparedSlice[][]> {
  const idsOf = ({ runs }: (typeof rows)[number]) => runs.map(({ id }) => id);
  const records = measuredOf(store, rows.flatMap(idsOf));
  const shared = { trainings: new Map(), ids: idsByDataset(store, records) };
  const ranked: RankSlices[] = [];
  for (const row of rows) {
    const { runs } = row;
    const seeds: SlicedRanks[] = [];
    for (const run of measuredOf(store, idsOf(row))) {
      const sliced = await sliceRanks(store, run, shared);
      if (sliced) seeds.push(sliced);
    }
    const slices = meanOfSeeds(seeds.map((seed) => seed.slices));
    ranked.push({ runs, slices, users: seeds[0]?.users ?? [], rows: seeds[0]?.rows });
    await yieldToEventLoop();
  }
  const unadjusted: ComparedSlice[][] = [];
  for (const [at, row] of ranked.entries()) {
    const baseline = baselines[at];
    const base = baseline === null || baseline === at ? null : ranked[baseline];
    unadjusted.push(base ? testRankSlices(base, row) : row.slices);
    await yieldToEventLoop();
  }
  const found = new Map<number, ComparedSlice[]>();
  for (const [baseline, places] of Map.groupBy(rows.keys(), (at) => baselines[at])) {
    const members = places.map((at) => rows[at]);
    const tested = adjustedSlices(places.map((at) => unadjusted[at]));
    const clicks = compareClickSlices(members, baseline === null ? null : places.indexOf(baseline));
    for (const [place, at] of places.entries())
      found.set(at, rows[at].runs[0].protocol?.task === 'ranking' ? clicks[place] : tested[place]);
  }
  return [...rows.keys()].map((at) => found.get(at) ?? []);
}

/** Of what other programs only state there are no ranks. */
function measuredOf(store: Store, ids: readonly string[]): MeasuredRun[] {
  return ids.map((id) => store.runs.get(id)).filter(isMeasured);
}

/** Means over seeds, which are evaluated on the same users and so have the same slices. */
function meanOfSeeds(seeds: readonly SliceResult[][]): SliceResult[] {
  const [first = []] = seeds;
  return first.map((slice, at) => ({
    ...slice,
    metrics: Object.fromEntries(
      Object.keys(slice.metrics).map((name) => [name, mean(seeds.map((seed) => seed[at].metrics[name]))]),
    ),
  }));
}

/** Reliability curves of ranking runs, one for every run with stored predictions. */
export function reliabilityCurves(store: Store, { runs }: { runs: readonly string[] }): ReliabilityCurve[] {
  return measuredOf(store, runs).flatMap((run) => {
    const predictions = runPredictions(store, run);
    if (!predictions) return [];
    const { tasks, rows } = predictions;
    const bins = reliability(predictions);
    return { id: run.id, task: tasks[0], rows: rows.length, bins, ...reliabilityErrors(predictions) };
  });
}
