/** What a run was made again for: kept in its folder, so that whoever finishes it, in whatever process, can compare. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readItemIds, readUserIds } from '../../../../core/data/read.ts';
import { meanTest, pairedDifferences } from '../../../../core/evaluation/significance.ts';
import type { UserRanks } from '../../../../core/evaluation/types.ts';
import { writeWhole } from '../../../../core/files/whole-file.ts';
import { type Agreement, agreementOf } from '../../../../core/reproduce/agreement.ts';
import { likelyCauses } from '../../../../core/reproduce/causes.ts';
import {
  degreeOfAgreement,
  measuredPart,
  REMAKE_KINDS,
  type ReproducedRun,
  shownMetric,
} from '../../../../core/reproduce/outcome.ts';
import { recipeRunSchema } from '../../../../core/reproduce/recipe.ts';
import { type Statement, statementsOf } from '../../../../core/reproduce/statements.ts';
import { readOwnJson } from '../../../../core/store/files/run-file.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun } from '../../../../core/store/types.ts';
import { namedRanksSchema } from './bundle-ranks.ts';
import { recipeRun } from './recipe-of-runs.ts';

const FILE = 'reproduces.json';

const recordSchema = z.object({
  format: z.literal('tessera-reproduces-1'),
  how: z.enum(REMAKE_KINDS),
  source: z.string().max(2000),
  together: z.array(z.string().max(100)).max(10_000),
  earlier: recipeRunSchema,
  /** Of the test then, where they are not those of a run of this home. */
  ranks: namedRanksSchema.nullable().default(null),
});

type Kept = z.output<typeof recordSchema>;
export type Reproduction = Omit<Kept, 'format'>;

/** Notes beside a run what it makes again. */
export function noteReproduction(store: Store, run: string, reproduction: Reproduction): void {
  const folder = store.runs.folder(run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const record: Kept = { format: 'tessera-reproduces-1', ...reproduction };
  writeWhole(join(folder, FILE), `${JSON.stringify(record)}\n`);
}

/** Null for a run that makes none again, and where what was noted cannot be read. */
export function reproductionOf(store: Store, run: string): Reproduction | null {
  const path = join(store.runs.folder(run), FILE);
  if (!existsSync(path)) return null;
  try {
    return recordSchema.parse(readOwnJson(path));
  } catch {
    return null;
  }
}

/** Of runs that make others again, what came of them so far; other runs are left out. */
export async function reproducedRuns(
  store: Store,
  { runs }: { runs: readonly string[] },
): Promise<ReproducedRun[]> {
  const found: ReproducedRun[] = [];
  for (const run of store.runs.named([...new Set(runs)])) {
    const reproduction = run.kind === 'own' ? reproductionOf(store, run.id) : null;
    if (run.kind === 'own' && reproduction) found.push(await outcomeOf(store, run, reproduction));
  }
  return found;
}

async function outcomeOf(store: Store, run: OwnRun, reproduction: Reproduction): Promise<ReproducedRun> {
  const { id, name, model, seed, status } = run;
  const { how, source, together, earlier } = reproduction;
  const isDone = status === 'completed';
  const agreement = isDone ? agreementFor(store, run, reproduction) : null;
  const ranks = agreement && (await pairedRanks(store, run, reproduction));
  const p = ranks ? userTest(ranks) : null;
  const metric = shownMetric(earlier);
  const degree = agreement && degreeOfAgreement(agreement, p);
  return {
    run: { id, name, model, seed, status },
    ...{ how, source, together, metric, agreement, p },
    earlier: { id: earlier.id, name: earlier.name, isHere: store.runs.exists(earlier.id) },
    before: metric === null ? null : earlier.metrics[metric],
    after: isDone && metric !== null ? (run.metrics[metric] ?? null) : null,
    degree,
    causes: degree === null || degree === 'exact' ? [] : likelyCauses(earlier, recipeRun(store, run)),
    ranks: ranks && {
      equal: ranks[0].filter((rank, at) => rank === ranks[1][at]).length,
      users: ranks[0].length,
    },
  };
}

/** Whether a completed run has the numbers of then; one that evaluates, those that it has measured. */
export function agreementFor(
  store: Store,
  run: OwnRun,
  { how, earlier }: Pick<Reproduction, 'how' | 'earlier'>,
): Agreement {
  const now = recipeRun(store, run);
  if (how === 'train') return agreementOf(earlier, now);
  // It tests the epoch that its checkpoint is of.
  const measured = { ...now, selectedEpoch: earlier.selectedEpoch };
  return agreementOf(measuredPart(earlier, measured), measured);
}

/** What the runs said of each other then, tested again on the users of now. */
export async function reproducedStatements(
  store: Store,
  { runs }: { runs: readonly string[] },
): Promise<Statement[]> {
  const outcomes = await reproducedRuns(store, { runs });
  const told = outcomes.map(({ earlier, metric, before, after }) => ({
    ...{ name: earlier.name, metric, before, after },
  }));
  const test = (one: number, other: number) => {
    const both = [outcomes[other], outcomes[one]];
    const data = both.map(({ run }) => store.runs.own(run.id).dataset.fingerprint);
    if (data[0] !== data[1] || !both[0].metric?.endsWith(`ndcg@${CUTOFF}`)) return null;
    const [x, y] = both.map(({ run }) => testRanks(store, run.id));
    return x && y && isSameUsers(x, y) ? userTest([x.ranks, y.ranks]) : null;
  };
  return statementsOf(told, test);
}

/** Null of several targets a user, whose NDCG is no function of one rank. */
function testRanks(store: Store, run: string): UserRanks | null {
  const ranks = [...store.ranks.withoutLists(run)].find(({ split }) => split === 'test');
  return ranks && ranks.several === undefined ? ranks : null;
}

const isSameUsers = (one: UserRanks, other: UserRanks) =>
  (['users', 'targets'] as const).every(
    (key) => one[key].length === other[key].length && one[key].every((id, at) => id === other[key][at]),
  );

type Ranks = [before: Int32Array, after: Int32Array];

/** The ranks of the test, then and now, of the same users and items; null where those of then are not here, or of several targets a user. */
async function pairedRanks(
  store: Store,
  { id, dataset }: OwnRun,
  { earlier, ranks: kept }: Reproduction,
): Promise<Ranks | null> {
  const after = testRanks(store, id);
  if (!after) return null;
  if (store.runs.exists(earlier.id)) {
    const before = testRanks(store, earlier.id);
    if (before) return isSameUsers(before, after) ? [before.ranks, after.ranks] : null;
  }
  if (kept === null || dataset.id === null || kept.users.length !== after.users.length) return null;
  const folder = store.datasets.folder(dataset.id);
  const [users, items] = await Promise.all([readUserIds(folder), readItemIds(folder)]);
  const places = new Map(kept.users.map((user, at) => [user, at]));
  const found = Array.from(after.users, (user, at) => {
    const place = places.get(users[user]) ?? -1;
    return kept.targets[place] === items[after.targets[at]] ? place : -1;
  });
  return found.includes(-1) ? null : [Int32Array.from(found, (place) => kept.ranks[place]), after.ranks];
}

const CUTOFF = 10;
/** NDCG@10 of a user with one target. */
const gain = (rank: number) => (rank <= CUTOFF ? 1 / Math.log2(rank + 1) : 0);

/** Paired over users, in NDCG@10. */
function userTest(ranks: Ranks): number | null {
  const [x, y] = ranks.map((one) => Float64Array.from(one, gain));
  const { p } = meanTest(pairedDifferences(x, y));
  return Number.isNaN(p) ? null : p;
}
