/** Whether a model can be trained on a data set: one rule for the command line, the queue and the window. */
import { labelsObstacle } from '../data/clicks/index.ts';
import type { DatasetSummary } from '../data/types.ts';
import type { RankingDataConfig } from './clicks/config.ts';
import type { DefinitionOf, ModelDefinition } from './model.ts';

/** What the rule asks of a data set. */
export interface TrainingData {
  summary: Pick<DatasetSummary, 'clicks' | 'statistics' | 'options'>;
  /** Whether it says anything of its items that vectors could be made of. */
  describesItems: boolean;
  /** Completed runs on it that have Semantic IDs. */
  tokenisers: number;
}

/**
 * Why a model cannot be trained on a data set and what can be done, as what comes after "it": "needs …, and …; do …".
 * Null where it can. Without a config only what no config could mend is told.
 */
export function trainingObstacle(
  model: ModelDefinition,
  data: TrainingData,
  config?: Record<string, unknown>,
): string | null {
  if (model.kind === 'ranking') return rankingObstacle(model, data, config);
  if (data.summary.clicks) {
    return model.kind === 'tokeniser'
      ? 'needs a catalogue of items, and a click log has rows with labels; import the files as interactions (--kind interactions)'
      : "needs users' histories, and a click log has rows with labels; train dlrm, or import the files as interactions (--kind interactions)";
  }
  if (model.kind === 'generative' && data.tokenisers === 0) {
    return 'needs Semantic IDs, and no tokeniser has been trained on this data set; train rq-vae or residual-kmeans first';
  }
  return config ? contentObstacle(model, data, config) : null;
}

function rankingObstacle(
  { readsSequences }: DefinitionOf<'ranking'>,
  { summary }: TrainingData,
  config?: Record<string, unknown>,
): string | null {
  const { clicks } = summary;
  const has = (role: 'user' | 'item') => clicks?.columns.some((column) => column.role === role);
  if (readsSequences && clicks && !(has('user') && has('item'))) {
    return 'needs the items of users in order, and this click log has no user and item columns; train dlrm, or name them with --map';
  }
  if (!config) return null;
  const obstacle = labelsObstacle(summary, (config as RankingDataConfig).labels);
  return obstacle === null ? null : `needs labels, and the data set ${obstacle}`;
}

function contentObstacle(
  model: ModelDefinition,
  { describesItems }: TrainingData,
  config: Record<string, unknown>,
): string | null {
  const fromText = config.content === 'text' || config.content === 'sentence';
  const reads = model.kind !== 'tokeniser' || model.readsContent(config);
  if (!fromText || !reads || describesItems) return null;
  return 'needs item vectors, and the data set says nothing of its items; import it with an items file, or set content=vectors or content=run';
}
