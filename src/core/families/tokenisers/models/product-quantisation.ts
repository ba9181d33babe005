import { z } from 'zod';
import { contentFields } from '../../../content/config.ts';
import { field } from '../../../training/config.ts';
import { productQuantisation as fitParts } from '../fit-product-quantisation.ts';
import { type TokeniserFit, tokeniser } from '../tokeniser.ts';

const schema = z.object({
  ...contentFields,
  levels: field.positiveInt('Parts of the vector, each of which has a code').default(4),
  codes: field.positiveInt('Codes to choose from for each part').default(256),
  startIterations: field.positiveInt('Most iterations of k-means that a part starts with').default(10),
  rotations: field
    .nonNegativeInt(
      'Times that the codebooks and then the rotation are improved; 0 leaves the axes as they are',
    )
    .default(20),
  sample: field
    .nonNegativeInt('Items that rotation and centroids are fitted to, drawn at random; 0 takes all')
    .default(20_000),
});

async function fitIds(
  { levels, codes, startIterations, rotations, sample }: z.output<typeof schema>,
  { content, seed, signal, onProgress }: TokeniserFit,
) {
  if (!content) throw new Error('product quantisation splits content');
  const result = await fitParts(content, {
    ...{ levels, codes, startIterations, rotations, sample, seed, signal },
    onProgress: (done, total) => onProgress(done, total, 'rotations'),
  });
  return { codebookSizes: Array<number>(levels).fill(codes), ...result };
}

export const productQuantisation = tokeniser({
  id: 'opq',
  title: 'Product quantisation',
  summary: 'Parts of the content, with codes each.',
  group: 'tokeniser',
  paper: {
    title: 'Optimized Product Quantization for Approximate Nearest Neighbor Search',
    authors: 'Tiezheng Ge, Kaiming He, Qifa Ke, Jian Sun',
    year: 2013,
    where: 'CVPR 2013',
  },
  essentials: ['levels', 'codes', 'content'],
  configSchema: schema,
  readsContent: () => true,
  sources: { vectorsFrom: 'optional' },
  build: (config) => ({ training: 'fit', fit: (context) => fitIds(config, context) }),
});
