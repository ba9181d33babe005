/** Depth against width: the sizes of a grid by their number of blocks and their width. */
import { meanOfKnown } from '../evaluation/metrics.ts';
import type { StudyPoint } from './analysis.ts';
import type { StudySpec } from './study.ts';

/** One size on the largest share of the users: means over its completed seeds. */
export interface DepthWidthCell {
  label: string;
  width: number;
  depth: number;
  nonEmbedding: number;
  /** Null while no run of it has completed, or where the model has none. */
  crossEntropy: number | null;
  ndcg: number | null;
}

export interface DepthWidth {
  /** Share of the users. */
  share: number;
  /** By depth, then width. */
  cells: DepthWidthCell[];
}

const numberUnder = (config: Record<string, unknown>, ...keys: string[]): number | null => {
  const found = keys.map((key) => config[key]).find((value) => typeof value === 'number');
  return typeof found === 'number' ? found : null;
};

/** Null where the grid has not at least two depths and two widths, or where its sizes are not of one model. */
export function depthWidth(spec: StudySpec, points: readonly StudyPoint[]): DepthWidth | null {
  if (spec.kind === 'base-large') return null;
  const share = Math.max(...spec.shares);
  const cells = spec.sizes.flatMap(({ label, config }, at): DepthWidthCell[] => {
    const width = numberUnder(config, 'dim', 'hidden');
    const depth = numberUnder(config, 'blocks', 'layers');
    const atSize = points.filter((point) => point.size === at && point.share === share);
    if (width === null || depth === null || atSize.length === 0) return [];
    return [
      {
        label,
        width,
        depth,
        nonEmbedding: atSize[0].nonEmbedding,
        crossEntropy: meanOfKnown(atSize.map(({ crossEntropy }) => crossEntropy)),
        ndcg: meanOfKnown(atSize.map(({ ndcg }) => ndcg)),
      },
    ];
  });
  const several = (values: readonly number[]) => new Set(values).size > 1;
  if (!several(cells.map(({ width }) => width)) || !several(cells.map(({ depth }) => depth))) return null;
  return { share, cells: cells.toSorted((a, b) => a.depth - b.depth || a.width - b.width) };
}
