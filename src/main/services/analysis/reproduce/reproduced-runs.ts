/** What a run was made again for: kept in its folder, so that whoever finishes it, in whatever process, can compare. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { meanTest, pairedDifferences } from '../../../../core/evaluation/significance.ts';
import type { UserRanks } from '../../../../core/evaluation/types.ts';
import { writeWhole } from '../../../../core/files/whole-file.ts';
import { type Agreement, agreementOf } from '../../../../core/reproduce/agreement.ts';
import {
  degreeOfAgreement,
  measuredPart,
  REMAKINGS,
  type ReproducedRun,
  shownMetric,
} from '../../../../core/reproduce/outcome.ts';
import { type RecipeRun, recipeRunSchema } from '../../../../core/reproduce/recipe.ts';
import { readOwnJson } from '../../../../core/store/files/run-file.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun } from '../../../../core/store/types.ts';
import { recipeRun } from './recipe-of-runs.ts';

const FILE = 'reproduces.json';

const recordSchema = z.object({
  format: z.literal('tessera-reproduces-1'),
  how: z.enum(REMAKINGS),
  source: z.string().max(2000),
  together: z.array(z.string().max(100)).max(10_000),
  earlier: recipeRunSchema,
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
export function reproducedRuns(store: Store, { runs }: { runs: readonly string[] }): ReproducedRun[] {
  return store.runs.named([...new Set(runs)]).flatMap((run) => {
    const reproduction = run.kind === 'own' ? reproductionOf(store, run.id) : null;
    return run.kind === 'own' && reproduction ? [outcomeOf(store, run, reproduction)] : [];
  });
}

function outcomeOf(
  store: Store,
  run: OwnRun,
  { how, source, together, earlier }: Reproduction,
): ReproducedRun {
  const { id, name, model, seed, status } = run;
  const isDone = status === 'completed';
  const agreement = isDone ? agreementFor(store, run, { how, earlier }) : null;
  const ranks = agreement && pairedRanks(store, earlier, id);
  const p = ranks ? userTest(ranks) : null;
  const metric = shownMetric(earlier);
  return {
    run: { id, name, model, seed, status },
    ...{ how, source, together, metric, agreement, p },
    earlier: { id: earlier.id, name: earlier.name, isHere: store.runs.exists(earlier.id) },
    before: metric === null ? null : earlier.metrics[metric],
    after: isDone && metric !== null ? (run.metrics[metric] ?? null) : null,
    degree: agreement && degreeOfAgreement(agreement, p),
    ranks: ranks && {
      equal: ranks[0].ranks.filter((rank, at) => rank === ranks[1].ranks[at]).length,
      users: ranks[0].ranks.length,
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

/** The ranks of the test of then, where that run is here, and of now; null where they are not of the same users and items. */
function pairedRanks(store: Store, earlier: RecipeRun, now: string): [UserRanks, UserRanks] | null {
  if (!store.runs.exists(earlier.id)) return null;
  const [before, after] = [earlier.id, now].map((id) =>
    [...store.ranks.withoutLists(id)].find(({ split }) => split === 'test'),
  );
  if (!before || !after) return null;
  const isAlike = (['users', 'targets'] as const).every(
    (key) =>
      before[key].length === after[key].length && before[key].every((one, at) => one === after[key][at]),
  );
  return isAlike ? [before, after] : null;
}

const CUTOFF = 10;
/** NDCG@10 of a user with one target. */
const gain = (rank: number) => (rank <= CUTOFF ? 1 / Math.log2(rank + 1) : 0);

/** Paired over users, in NDCG@10; null where users have several targets. */
function userTest([before, after]: [UserRanks, UserRanks]): number | null {
  if (before.several !== undefined || after.several !== undefined) return null;
  const [x, y] = [before, after].map(({ ranks }) => Float64Array.from(ranks, gain));
  const { p } = meanTest(pairedDifferences(x, y));
  return Number.isNaN(p) ? null : p;
}
