/** Config keys that name another run of the same home. They mean the same in every model that has them. */
export const SOURCES = {
  tokeniser: {
    needs: 'semantic-ids',
    description: 'Run whose Semantic IDs the items have: id or name',
  },
  vectorsFrom: {
    needs: 'checkpoint',
    of: 'trained',
    description: 'Trained run whose item embeddings are the content vectors: id or name',
  },
  startFrom: {
    needs: 'checkpoint',
    of: 'same',
    description: 'Run of the same model whose parameters training starts from: id or name',
  },
  policy: {
    needs: 'checkpoint',
    of: 'generative',
    description: 'Run of TIGER or LC-Rec whose lists are rewarded: id or name',
  },
  languageFrom: {
    needs: 'checkpoint',
    of: 'language',
    description: 'Run of a language model whose words and weights are taken: id or name',
  },
  retriever: {
    needs: 'checkpoint',
    description: 'Run whose highest scored items are the candidates: id or name',
  },
} as const satisfies Record<string, { needs: SourceNeed; of?: SourceModels; description: string }>;

/** What the other run must have: Semantic IDs in its folder, or a checkpoint. */
export type SourceNeed = 'semantic-ids' | 'checkpoint';
/** Which models' runs are offered: of the kind that learns item embeddings, generates IDs or reads texts, or of the model itself. Default: any. */
export type SourceModels = 'trained' | 'generative' | 'language' | 'same';
export type SourceKey = keyof typeof SOURCES;

/**
 * Whether the run may be of another data set: models that rank items or predict clicks take what they start from by the ids of users
 * and items. What a language model starts from is of its own data set.
 */
export const crossesData = (key: SourceKey, config: Record<string, unknown>) =>
  key === 'startFrom' && (config.targets !== undefined || config.labels !== undefined);

/** Whether a training only begins with the run: what it takes of it is in its own folder from then on. */
export const onlyBegins = (key: SourceKey) =>
  key === 'startFrom' || key === 'languageFrom' || key === 'policy';

export const SOURCE_KEYS = Object.keys(SOURCES) as [SourceKey, ...SourceKey[]];

/** The keys of a config that name a run. */
export function namedSources(config: Record<string, unknown>): [SourceKey, string][] {
  return SOURCE_KEYS.flatMap((key) => {
    const value = config[key];
    return typeof value === 'string' && value !== '' ? [[key, value] as [SourceKey, string]] : [];
  });
}
