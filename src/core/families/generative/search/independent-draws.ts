/** IDs that are drawn from the policy itself, each by itself, so that one may come twice. */
import type { PrefixTrie } from '../../../semantic-ids/trie.ts';
import type { BeamLevel, BeamResult } from '../../traced-decoding.ts';
import { type BeamOptions, beamSearch, type Draws, type LevelLogits, type LevelStep } from './beam-search.ts';

/** The best IDs, or as many that are drawn, of every row. */
export const findIds = (options: BeamOptions, step: LevelStep): Promise<BeamResult> =>
  options.draws ? drawIds({ ...options, draws: options.draws }, step) : beamSearch(options, step);

/** `width` IDs of the trie a row, in the order of drawing, token by token from softmax(logits / temperature) over what continues the prefix. */
async function drawIds(
  { rows, levels, width, trie, draws }: BeamOptions & { draws: Draws },
  step: LevelStep,
): Promise<BeamResult> {
  if (!trie) throw new Error('IDs are drawn from a tree');
  const noise = Array.from({ length: rows * width }, (_, beam) =>
    draws.noise(Math.floor(beam / width), beam % width),
  );
  let before: BeamLevel = emptyLevel(rows);
  const found: BeamLevel[] = [];
  for (let level = 0; level < levels; level++) {
    const given = await step(level, before.tokens, before.parents);
    const next = emptyLevel(rows * width);
    for (let beam = 0; beam < rows * width; beam++) {
      const parent = level === 0 ? Math.floor(beam / width) : beam;
      const node = before.nodes[parent];
      const { child, score, tempered } = drawChild(given, parent, trie, level, node, {
        temperature: draws.temperature,
        uniform: noise[beam].uniform(),
      });
      next.tokens[beam] = trie.symbol(level + 1, child);
      next.parents[beam] = parent;
      next.scores[beam] = before.scores[parent] + score;
      next.tempered[beam] = next.keys[beam] = before.tempered[parent] + tempered;
      next.nodes[beam] = child;
    }
    found.push(next);
    before = next;
  }
  return { levels: found, ended: [] };
}

function emptyLevel(size: number): BeamLevel {
  return {
    tokens: new Int32Array(size),
    parents: Int32Array.from({ length: size }, (_, beam) => beam),
    scores: new Float64Array(size),
    tempered: new Float64Array(size),
    keys: new Float64Array(size),
    nodes: new Int32Array(size),
  };
}

/** One continuation of a node, and its log-probability at temperature 1 and at that of the draw. */
function drawChild(
  { logits, first, count }: LevelLogits,
  beam: number,
  trie: PrefixTrie,
  level: number,
  node: number,
  { temperature, uniform }: { temperature: number; uniform: number },
): { child: number; score: number; tempered: number } {
  const [from, end] = [trie.firstChild(level, node), trie.endChild(level, node)];
  const values = Array.from(
    { length: end - from },
    (_, at) => logits[beam * count - first + trie.symbol(level + 1, from + at)],
  );
  const most = Math.max(...values);
  const sumAt = (divisor: number) =>
    values.reduce((sum, value) => sum + Math.exp((value - most) / divisor), 0);
  const total = sumAt(temperature);
  let left = uniform * total;
  let chosen = 0;
  // The last one takes what rounding leaves.
  for (; chosen + 1 < values.length; chosen++) {
    left -= Math.exp((values[chosen] - most) / temperature);
    if (left < 0) break;
  }
  const above = values[chosen] - most;
  return {
    child: from + chosen,
    score: above - Math.log(sumAt(1)),
    tempered: above / temperature - Math.log(total),
  };
}
