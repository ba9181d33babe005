/** Ranks among a catalogue and their metrics; and the eval fixtures of generative-recommenders, which have nothing else. */
import { z } from 'zod';
import { mean, perUserMetric } from '../../evaluation/metrics.ts';
import { rankBlock } from '../../evaluation/ranking.ts';
import { type Golden, matrixSchema, type Tensor, tensorSchema, tensors } from '../tensor-compare.ts';

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
  golden: Golden,
  path: string,
  ranks: ArrayLike<number>,
  reference: Partial<z.output<typeof rankingRun>>,
): void {
  golden.compare('output', `${path}.ranks`, ranks, reference.ranks);
  for (const [metric, values] of Object.entries(reference.per_user ?? {})) {
    golden.compare('output', `${path}.per_user.${metric}`, perUserMetric({ ranks }, metric), values);
  }
  for (const [metric, value] of Object.entries(reference.mean ?? {})) {
    golden.compare('output', `${path}.mean.${metric}`, mean(perUserMetric({ ranks }, metric)), value);
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

const form = z.object({
  config: z.object({ max_k: z.int().positive(), rank_if_absent: z.int().positive() }),
  inputs: z.object({
    candidates: tensorSchema,
    item_table: matrixSchema,
    queries: matrixSchema,
    history_ids: matrixSchema,
  }),
  runs: z.array(rankingRun).min(1),
});

export function checkRanking(golden: Golden): void {
  const { inputs, config, runs } = golden.read(form);
  const request = { ...inputs, scores: cosineScores(inputs), rankIfAbsent: config.rank_if_absent };
  for (const [index, run] of runs.entries()) {
    // Scores this close are equal up to rounding; the reference's sort leaves their order open, so any rank among them is right.
    const rankWith = (shift: number): Int32Array =>
      ranksOf(request, run, shift).map((rank) => (rank > config.max_k ? config.rank_if_absent : rank));
    const [best, worst] = [rankWith(1e-13), rankWith(-1e-13)];
    const ranks = best.map((rank, user) =>
      Math.max(rank, Math.min(worst[user], run.ranks.data[user] ?? rank)),
    );
    compareRanking(golden, `runs.${run.name ?? index}`, ranks, run);
  }
}

/** Cosine of every query and candidate, [queries, candidates]. */
function cosineScores({
  queries,
  candidates,
  item_table,
}: Record<'queries' | 'candidates' | 'item_table', Tensor>) {
  const vectors = candidates.data.map((item) => normalisedRow(item_table, item));
  const scores = Array.from({ length: queries.shape[0] }, (_, query) => {
    const direction = normalisedRow(queries, query);
    return vectors.map((vector) => vector.reduce((sum, x, axis) => sum + x * direction[axis], 0));
  });
  return Float64Array.from(scores.flat());
}

/** A row divided by max(norm, 1e-6). */
function normalisedRow(table: Tensor, row: number): number[] {
  const dim = table.shape[1];
  const values = table.data.slice(row * dim, (row + 1) * dim);
  const norm = Math.max(Math.hypot(...values), 1e-6);
  return values.map((value) => value / norm);
}
