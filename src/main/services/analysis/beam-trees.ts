/** The decoding tree of one user, named for display. */
import type { BeamNode, BeamTree } from '../../../core/api/beam-tree.ts';
import type { NamedItem } from '../../../core/api/recommend.ts';
import { UserError } from '../../../core/errors.ts';
import { configOfRun, findModel } from '../../../core/families/registry.ts';
import type { TracedDecoding } from '../../../core/families/traced-decoding.ts';
import { sourceRuns } from '../../../core/store/runs/source-runs.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { findTestUser, namer, type RecommendationRequest, testedCheckpoint } from './recommendations.ts';

export type BeamTreeRequest = Pick<RecommendationRequest, 'user' | 'device' | 'threads'> & {
  run: OwnRun;
  beams: number;
};

/**
 * How a generative model decodes its list for the held-out item.
 * Throws UserError if the run's model generates nothing, its data set or checkpoint has been deleted, or there is no such user.
 */
export async function beamTreeFor(store: Store, request: BeamTreeRequest): Promise<BeamTree> {
  const { run, beams, device, threads } = request;
  const { title, traceDecoding } = findModel(run.model);
  if (!traceDecoding) {
    throw new UserError(
      `run ${run.name} (${run.id}) has no decoding tree: ${title} scores items and generates no IDs`,
    );
  }
  const { datasetDir, user } = await findTestUser(store, request);
  const checkpoint = testedCheckpoint(store, run);
  const { model } = run;
  const config = configOfRun(run);
  const sources = sourceRuns(store, run.config);
  const decoding = { model, config, checkpoint, datasetDir, user, beams, device, threads, sources };
  const traced = await traceDecoding(decoding);
  const { nodes: leaves } = traced.result.levels[traced.result.levels.length - 1];
  const shown = Array.from(leaves.filter((node) => node >= 0)).flatMap((node) => traced.itemsOf(node));
  if (traced.target) shown.push(traced.target.item);
  const name = await namer(datasetDir, shown);
  return { run: run.id, user: request.user, ...treeOf(traced, name) };
}

function treeOf(traced: TracedDecoding, name: (item: number) => NamedItem): Omit<BeamTree, 'run' | 'user'> {
  const { result, width, starts, target } = traced;
  const levels = result.levels.length;
  const nodes: BeamNode[] = [];
  let before: (number | null)[] = [null];
  let onPath: number | null = null;
  let firstDivergence: number | null = null;
  for (let level = 0; level < levels; level++) {
    const { tokens, parents, scores, nodes: trieNodes } = result.levels[level];
    const targetToken = target?.path?.tokens[level];
    const parentScores = level === 0 ? null : result.levels[level - 1].scores;
    const pathParent: number | null = onPath;
    onPath = null;
    const here = Array.from(tokens, (token, beam): number | null => {
      if (scores[beam] === Number.NEGATIVE_INFINITY) return null;
      const parent = before[parents[beam]];
      const onTargetPath = token === targetToken && parent === pathParent;
      if (onTargetPath) onPath = nodes.length;
      nodes.push({
        parent,
        level: level + 1,
        code: token - starts[level],
        probability: Math.exp(scores[beam] - (parentScores?.[parents[beam]] ?? 0)),
        prefixProbability: Math.exp(scores[beam]),
        place: beam + 1,
        onTargetPath,
        items: level + 1 === levels ? traced.itemsOf(trieNodes[beam]).map(name) : [],
      });
      return nodes.length - 1;
    });
    before = here;
    if (onPath !== null || !target?.path) continue;
    firstDivergence ??= level + 1;
    const { scores: sums, tokens: targetTokens } = target.path;
    onPath = nodes.length;
    nodes.push({
      parent: pathParent,
      level: level + 1,
      code: targetTokens[level] - starts[level],
      probability: Math.exp(sums[level] - (level === 0 ? 0 : sums[level - 1])),
      prefixProbability: Math.exp(sums[level]),
      place: null,
      onTargetPath: true,
      items: level + 1 === levels ? [name(target.item)] : [],
    });
  }
  const codes = target?.path?.tokens.map((token, level) => token - starts[level]) ?? null;
  return {
    levels,
    beams: width,
    nodes,
    target: target && { ...name(target.item), codes, firstDivergence },
  };
}
