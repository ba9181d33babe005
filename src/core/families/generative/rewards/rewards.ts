/** Rewards of what was drawn for one history, and advantages. */

/** Added to the deviation of a group, as TRL does. */
const DEVIATION_EPSILON = 1e-4;

/**
 * Rewards of a group of G drawn IDs (Kong et al. 2025, "MiniOneRec", arXiv:2510.24431, section 3.3). With h_i = 1 for the ID of the item that came next, else 0, the
 * reward by hits is h_i. Rank-aware, an ID that is no hit and has rank ρ_i (from 1, by the probability that the present model gives it)
 * loses its share of 1:
 *
 *     r_i = h_i − (1 − h_i) (1 / log2(ρ_i + 1)) / Σ_j (1 − h_j) / log2(ρ_j + 1)
 *
 * in groups with a hit, as the released code has it; in a group without one every reward is 0, so that nothing is learnt from it.
 */
export function rewardsOf(hits: readonly boolean[], ranks: readonly number[], rankAware: boolean): number[] {
  const hit = hits.map(Number);
  if (!rankAware || !hits.includes(true)) return hit;
  const losses = ranks.map((rank, i) => (hits[i] ? 0 : 1 / Math.log2(rank + 1)));
  const sum = losses.reduce((total, loss) => total + loss, 0);
  return hit.map((value, i) => value - (sum > 0 ? losses[i] / sum : 0));
}

/** Ranks from 1 by falling score, of equal ones the first before. */
export function ranksOf(scores: ArrayLike<number>): number[] {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const ranks = new Array<number>(scores.length);
  order.forEach((i, place) => {
    ranks[i] = place + 1;
  });
  return ranks;
}

/**
 * A_i = (r_i − mean r) / (s + 1e-4), s the standard deviation of the group with G − 1 in the denominator (Shao et al. 2024,
 * "DeepSeekMath", section 4.1.2, as TRL computes it). Zeros where all rewards are equal.
 */
export function advantagesOf(rewards: readonly number[]): number[] {
  const count = rewards.length;
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / count;
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return rewards.map((reward) => (reward - mean) / (deviation + DEVIATION_EPSILON));
}
