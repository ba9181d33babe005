/** The decoding tree of one user, named for display. */
import type { BeamNode, BeamTree, DecodingTrie } from '../../../core/api/beam-tree.ts';
import type { NamedItem } from '../../../core/api/recommend.ts';
import { UserError } from '../../../core/errors.ts';
import { findModel } from '../../../core/families/registry.ts';
import type { TracedDecoding } from '../../../core/families/traced-decoding.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { namer, type RecommendationRequest } from './recommendations.ts';
import { requireUser, testedModel } from './tested-model.ts';

export type BeamTreeRequest = Pick<RecommendationRequest, 'user' | 'device' | 'threads'> & {
  run: OwnRun;
  beams: number;
};

/**
 * How a generative model decodes its list for the held-out item.
 * Throws UserError if the run's model generates nothing, its data set or checkpoint has been deleted, or there is no such user.
 */
export async function beamTreeFor(store: Store, request: BeamTreeRequest): Promise<BeamTree> {
  const { traced, name } = await decoded(store, request, 0);
  return { run: request.run.id, user: request.user, ...treeOf(traced, name).tree };
}

/** Items of the history that are named. */
const LAST_READ = 5;

/** The same with what might have followed at every step. Throws as that does. */
export async function beamTrieFor(store: Store, request: BeamTreeRequest): Promise<DecodingTrie> {
  const { traced, name } = await decoded(store, request, LAST_READ);
  const { sizes, semantic, continuations, history } = traced;
  const { tree, beamsAt } = treeOf(traced, name);
  const after: DecodingTrie['after'] = tree.nodes.map(() => null);
  for (const [level, places] of beamsAt.entries()) {
    for (const [beam, node] of places.entries())
      if (node !== null) after[node] = continuations[level + 1]?.[beam] ?? null;
  }
  const [first] = continuations[0];
  if (!first) throw new Error('a search begins with one beam');
  return {
    ...{ run: request.run.id, user: request.user, ...tree, semantic, sizes, first, after },
    ...{
      history: history.slice(-LAST_READ).map(({ item, codes }) => ({ ...name(item), codes })),
      read: history.length,
    },
  };
}

async function decoded(
  store: Store,
  { run, beams, device, threads, user: id }: BeamTreeRequest,
  lastRead: number,
): Promise<{ traced: TracedDecoding; name: (item: number) => NamedItem }> {
  const { title, traceDecoding } = findModel(run.model);
  if (!traceDecoding) {
    throw new UserError(
      `run ${run.name} (${run.id}) has no decoding tree: ${title} scores items and generates no IDs`,
    );
  }
  const tested = testedModel(store, run);
  const user = await requireUser(tested.datasetDir, run.dataset, id);
  const traced = await traceDecoding({ ...tested, user, beams, device, threads });
  const { nodes: leaves } = traced.result.levels[traced.result.levels.length - 1];
  const shown = Array.from(leaves.filter((node) => node >= 0)).flatMap((node) => traced.itemsOf(node));
  if (traced.target) shown.push(traced.target.item);
  if (lastRead > 0) shown.push(...traced.history.slice(-lastRead).map(({ item }) => item));
  return { traced, name: await namer(tested.datasetDir, shown) };
}

type PlacedNode = Pick<BeamNode, 'parent' | 'place' | 'onTargetPath' | 'items'>;

/** `beamsAt`: by level the places of its beams among the nodes; null where there is none. */
function treeOf(
  traced: TracedDecoding,
  name: (item: number) => NamedItem,
): { tree: Omit<BeamTree, 'run' | 'user'>; beamsAt: (number | null)[][] } {
  const { result, width, starts, target } = traced;
  const levels = result.levels.length;
  const nodes: BeamNode[] = [];
  const beamsAt: (number | null)[][] = [];
  let before: (number | null)[] = [null];
  let onPath: number | null = null;
  let firstDivergence: number | null = null;
  for (let level = 0; level < levels; level++) {
    const { tokens, parents, scores, nodes: trieNodes } = result.levels[level];
    const targetToken = target?.path?.tokens[level];
    const parentScores = level === 0 ? null : result.levels[level - 1].scores;
    const isLast = level + 1 === levels;
    const pathParent: number | null = onPath;
    onPath = null;
    /** Returns its place among the nodes. */
    const add = (token: number, score: number, parentScore: number, rest: PlacedNode): number =>
      nodes.push({
        level: level + 1,
        code: token - starts[level],
        probability: Math.exp(score - parentScore),
        prefixProbability: Math.exp(score),
        ...rest,
      }) - 1;
    before = Array.from(tokens, (token, beam): number | null => {
      if (scores[beam] === Number.NEGATIVE_INFINITY) return null;
      const parent = before[parents[beam]];
      const onTargetPath = token === targetToken && parent === pathParent;
      const items = isLast ? traced.itemsOf(trieNodes[beam]).map(name) : [];
      const rest = { parent, place: beam + 1, onTargetPath, items };
      const node = add(token, scores[beam], parentScores?.[parents[beam]] ?? 0, rest);
      if (onTargetPath) onPath = node;
      return node;
    });
    beamsAt.push(before);
    if (onPath !== null || !target?.path) continue;
    firstDivergence ??= level + 1;
    const { scores: sums, tokens: targetTokens } = target.path;
    const items = isLast ? [name(target.item)] : [];
    const rest = { parent: pathParent, place: null, onTargetPath: true, items };
    onPath = add(targetTokens[level], sums[level], level === 0 ? 0 : sums[level - 1], rest);
  }
  const codes = target?.path?.tokens.map((token, level) => token - starts[level]) ?? null;
  const tree = {
    ...{ levels, beams: width, nodes },
    target: target && { ...name(target.item), codes, firstDivergence },
  };
  return { tree, beamsAt };
}
