import { entropyOf } from '../../../math/information.ts';
import { codesOfLevel, countLabels } from '../../../semantic-ids/measures/levels.ts';
import { measureCollisions } from '../../../semantic-ids/measures/tree.ts';
import { prefixesByDepth } from '../../../semantic-ids/prefixes.ts';
import type { SemanticIds } from '../../../semantic-ids/types.ts';
import { COLLISION_RATE } from '../tokeniser-config.ts';

/** What is watched while a tokeniser trains: collisions of whole IDs, and by level (from 1) usage and perplexity. */
export function liveMeasures(ids: SemanticIds): Record<string, number> {
  const whole = prefixesByDepth(ids)[ids.levels - 1];
  const measures: Record<string, number> = { [COLLISION_RATE]: measureCollisions(ids, whole).rate };
  for (const [level, size] of ids.codebookSizes.entries()) {
    const counts = countLabels(codesOfLevel(ids, level), size);
    measures[`ids/usage@${level + 1}`] = counts.filter((count) => count > 0).length / size;
    measures[`ids/perplexity@${level + 1}`] = Math.exp(entropyOf(Array.from(counts)));
  }
  return measures;
}
