/** Paired ranks by how often each pair of values is there: of a metric of the first places that takes one pass over very many users. */
import { mean } from '../metrics.ts';
import { pairedDifferences } from '../significance.ts';
import { type Tally, tallyOfCounted } from '../tally.ts';
import type { SharedMeans } from './types.ts';

/** Of a metric; the pairs of so many are counted in eight megabytes. */
const MOST_VALUES = 1024;

/**
 * The differences row − baseline of a value of one rank a user, both [users] and of the same users, and the means of both. Null where the metric has too
 * many values, as one without a cut-off has.
 */
export function countedPairs(
  baseline: Int32Array,
  row: Int32Array,
  ofRank: (rank: number) => number,
): { differences: Tally; means: SharedMeans } | null {
  const known = valuesOfRanks([baseline, row], ofRank);
  if (known === null) return null;
  const { values, places } = known;
  const table = new Float64Array(values.length ** 2);
  for (let user = 0; user < row.length; user++)
    table[places[baseline[user]] * values.length + places[row[user]]]++;
  const found = Int32Array.from(table.keys()).filter((pair) => table[pair] > 0);
  const counts = Float64Array.from(found, (pair) => table[pair]);
  const meanOf = (of: Float64Array) => mean({ values: of, counts, size: row.length });
  const left = Float64Array.from(found, (pair) => values[Math.floor(pair / values.length)]);
  const right = Float64Array.from(found, (pair) => values[pair % values.length]);
  return {
    differences: tallyOfCounted(pairedDifferences(left, right), counts),
    means: { baseline: meanOf(left), row: meanOf(right) },
  };
}

/** The values of all ranks that there are, each once, and by rank the place of its value among them. */
function valuesOfRanks(
  columns: readonly Int32Array[],
  ofRank: (rank: number) => number,
): { values: number[]; places: Int32Array } | null {
  let [least, most, users] = [1, 1, 0];
  for (const column of columns) {
    for (let at = 0; at < column.length; at++) {
      least = Math.min(least, column[at]);
      most = Math.max(most, column[at]);
    }
    users += column.length;
  }
  if (least < 1 || most > users) return null;
  const [known, places] = [new Map<number, number>(), new Int32Array(most + 1)];
  for (let rank = 1; rank <= most; rank++) {
    const value = ofRank(rank);
    const place = known.get(value) ?? known.size;
    if (place === MOST_VALUES) return null;
    known.set(value, place);
    places[rank] = place;
  }
  return { values: [...known.keys()], places };
}
