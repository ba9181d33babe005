import { COLLISION_RATE } from '../../models/tokeniser-config.ts';
import type { SemanticIds } from '../../semantic-ids/types.ts';

/** What is watched while a tokeniser trains: collisions of whole IDs, and by level (from 1) usage and perplexity. */
export function liveMeasures(ids: SemanticIds): Record<string, number> {
  const { items, levels, codebookSizes, codes, collisionTokens } = ids;
  const first = collisionTokens.reduce((count, token) => count + Number(token === 0), 0);
  const measures: Record<string, number> = { [COLLISION_RATE]: 1 - first / items };
  for (const [level, size] of codebookSizes.entries()) {
    const counts = new Int32Array(size);
    for (let item = 0; item < items; item++) counts[codes[item * levels + level]]++;
    let entropy = 0;
    for (const count of counts) if (count > 0) entropy -= (count / items) * Math.log(count / items);
    measures[`ids/usage@${level + 1}`] = counts.filter((count) => count > 0).length / size;
    measures[`ids/perplexity@${level + 1}`] = Math.exp(entropy);
  }
  return measures;
}
