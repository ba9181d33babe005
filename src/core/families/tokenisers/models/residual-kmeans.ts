import { z } from 'zod';
import { contentFields } from '../../../content/config.ts';
import { field } from '../../../training/config.ts';
import { residualKmeans as fitLevels } from '../fit-residual-kmeans.ts';
import { type TokeniserFit, tokeniser } from '../tokeniser.ts';

export const residualKmeansSchema = z.object({
  ...contentFields,
  levels: field.positiveInt('Codes of an ID').default(3),
  codes: field.positiveInt('Codes to choose from on each level').default(256),
  iterations: field
    .positiveInt('Most iterations of k-means on a level; it stops when nothing changes')
    .default(50),
  sample: field
    .nonNegativeInt('Items that the centroids of a level are fitted to, drawn at random; 0 takes all')
    .default(100_000),
  unitResiduals: z
    .boolean()
    .describe('Cluster residuals by direction, at length 1, so that small ones count as much as large ones')
    .default(true),
  balance: z
    .enum(['none', 'last', 'all'])
    .describe('Levels whose codes are balanced by Sinkhorn, so that all are used alike')
    .default('none'),
  sinkhornEpsilon: field.positive('Entropy weight of the balancing').default(0.003),
  sinkhornIterations: field.positiveInt('Iterations of the balancing').default(50),
});

type ResidualKmeansConfig = z.output<typeof residualKmeansSchema>;

async function fitIds(config: ResidualKmeansConfig, { content, seed, signal, onProgress }: TokeniserFit) {
  if (!content) throw new Error('residual k-means clusters content');
  const { levels, codes, iterations, sample, unitResiduals, balance } = config;
  const options = { epsilon: config.sinkhornEpsilon, iterations: config.sinkhornIterations };
  const fitted = await fitLevels(content, {
    ...{ levels, codes, iterations, sample, unitResiduals, seed, signal },
    balance: (level) => (balance === 'all' || (balance === 'last' && level === levels - 1) ? options : null),
    onProgress: (done, total) => onProgress(done, total, 'iterations'),
  });
  return { codebookSizes: Array<number>(levels).fill(codes), ...fitted };
}

export const residualKmeans = tokeniser({
  id: 'residual-kmeans',
  title: 'Residual k-means',
  summary: 'K-means of item content, level by level.',
  group: 'tokeniser',
  paper: {
    title: 'Generative Recommendation with Semantic IDs: A Practitioner’s Handbook',
    authors: 'Ju, Collins, Neves, Kumar, Wang, Zhao and Shah',
    year: 2025,
    where: 'CIKM 2025, arXiv:2507.22224',
  },
  essentials: ['levels', 'codes', 'content'],
  configSchema: residualKmeansSchema,
  readsContent: () => true,
  sources: { vectorsFrom: 'optional' },
  build: (config) => ({ training: 'fit', fit: (context) => fitIds(config, context) }),
});
