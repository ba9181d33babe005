import { z } from 'zod';
import { mean, perUserMetric } from '../evaluation/metrics.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import { type GoldenCheck, type Tensor, tensorSchema, tensors } from './tensor-compare.ts';

/** Ranks and metrics of one choice of targets. */
export const rankingRun = z.object({
  name: z.string().optional(),
  targets: tensorSchema,
  ranks: tensorSchema,
  per_user: tensors.optional(),
  mean: z.record(z.string(), z.number()).optional(),
});

/** Ranks given, with HR, NDCG and MRR of them, against what a fixture holds. */
export function compareRanking(
  golden: GoldenCheck,
  path: string,
  ranks: ArrayLike<number>,
  reference: Partial<z.output<typeof rankingRun>>,
): void {
  golden.compare('output', `${path}.ranks`, ranks, reference.ranks);
  for (const [metric, values] of Object.entries(reference.per_user ?? {})) {
    golden.compare('output', `${path}.per_user.${metric}`, perUserMetric(ranks, metric), values);
  }
  for (const [metric, value] of Object.entries(reference.mean ?? {})) {
    golden.compare('output', `${path}.mean.${metric}`, mean(perUserMetric(ranks, metric)), value);
  }
}

interface Candidates {
  /** [users, candidates] */
  scores: Float64Array;
  candidates: Tensor;
  /** [users, length]; padding and items that are no candidates fall away. */
  history_ids: Tensor;
  rankIfAbsent: number;
}

/** Ranks of a run's targets among the candidates that are not in the user's history; `shift` is added to their scores. */
export function ranksOf(
  { scores, candidates, history_ids: history, rankIfAbsent }: Candidates,
  run: { targets: Tensor },
  shift = 0,
): Int32Array {
  const columnOf = new Map(candidates.data.map((item, column) => [item, column]));
  const items = candidates.data.length;
  const targets = run.targets.data.map((target) => columnOf.get(target) ?? -1);
  const [users, width] = history.shape;
  const rows = Array.from({ length: users }, (_, user) =>
    history.data.slice(user * width, (user + 1) * width).flatMap((item) => columnOf.get(item) ?? []),
  );
  const offsets = [0];
  for (const row of rows) offsets.push(offsets[offsets.length - 1] + row.length);
  const shifted = scores.slice();
  targets.forEach((target, user) => {
    if (target >= 0) shifted[user * items + target] += shift;
  });
  const filter = { offsets, columns: rows.flat() };
  return rankBlock({ scores: shifted, items, targets, filter, rankIfAbsent }).ranks;
}
