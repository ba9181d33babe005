/**
 * Balanced assignment on the host by Sinkhorn's algorithm, as trained tokenisers use it against collapsed codebooks
 * (Caron et al. 2020; LC-Rec, Zheng et al. 2024, section 3.2). The plan is that of `sinkhornLogPlan`, which a training
 * graph computes in float32 and in logarithms; a whole catalogue on the host takes neither.
 */

/** Added to half the range of distances before they are divided by it: all may be equal. */
export const DISTANCE_MARGIN = 1e-5;

/** Smallest sum of a row or column that is divided by. */
const FLOOR = 1e-300;

export interface SinkhornOptions {
  /** Weight of the entropy, on distances that were scaled to [-1, 1]. */
  epsilon: number;
  iterations: number;
}

/**
 * The transport plan of a batch after a number of iterations, each of which scales rows to sum 1 and then columns to
 * sum rows / k; so the columns' sums are exact and the rows' near 1. Distances are first divided by half their range,
 * as in LC-Rec's released code.
 * @param distances [rows, k] squared distances
 * @returns [rows, k]
 */
export function sinkhornPlan(distances: Float32Array, k: number, options: SinkhornOptions): Float64Array {
  const rows = distances.length / k;
  const plan = startingPlan(distances, k, options.epsilon);
  const columns = new Float64Array(k);
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    columns.fill(0);
    for (let row = 0; row < rows; row++) {
      const from = row * k;
      let sum = 0;
      for (let code = 0; code < k; code++) sum += plan[from + code];
      const scale = 1 / Math.max(sum, FLOOR);
      for (let code = 0; code < k; code++) {
        plan[from + code] *= scale;
        columns[code] += plan[from + code];
      }
    }
    for (let code = 0; code < k; code++) columns[code] = rows / k / Math.max(columns[code], FLOOR);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let code = 0; code < k; code++, at++) plan[at] *= columns[code];
    }
  }
  return plan;
}

/** exp(-distance / (half range * epsilon)), each row divided by its largest entry, which the first scaling undoes. */
function startingPlan(distances: Float32Array, k: number, epsilon: number): Float64Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const distance of distances) {
    if (distance < low) low = distance;
    if (distance > high) high = distance;
  }
  const scale = ((high - low) / 2 + DISTANCE_MARGIN) * epsilon;
  const plan = new Float64Array(distances.length);
  for (let row = 0; row < distances.length; row += k) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let at = row; at < row + k; at++) nearest = Math.min(nearest, distances[at]);
    for (let at = row; at < row + k; at++) plan[at] = Math.exp((nearest - distances[at]) / scale);
  }
  return plan;
}

/** The code that gets most of each row of a plan [rows, k], the lower one where two get the same. */
export function codesOfPlan(plan: Float64Array, k: number): Int32Array {
  return Int32Array.from({ length: plan.length / k }, (_, row) => {
    let best = 0;
    for (let code = 1; code < k; code++) if (plan[row * k + code] > plan[row * k + best]) best = code;
    return best;
  });
}
