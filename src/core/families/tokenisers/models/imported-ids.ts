import { z } from 'zod';
import { contentFields } from '../../../content/config.ts';
import { readItemIds } from '../../../data/read.ts';
import { UserError } from '../../../errors.ts';
import { pathField } from '../../../files/path-fields.ts';
import { importIds } from '../../../semantic-ids/import-ids.ts';
import { field } from '../../../training/config.ts';
import { type FittedIds, type TokeniserFit, tokeniser } from '../tokeniser.ts';

const { content } = contentFields;

export const importedIdsSchema = z.object({
  file: pathField(
    'File of item → codes: .json such as {"42": [183, 70, 232]}, .npy, .npz, .safetensors, .csv, .tsv or .parquet',
  ),
  itemsFile: pathField(
    'Text file of the items that rows or numbers of the file stand for: one per line, or item, tab, number',
  ),
  codes: field
    .nonNegativeInt('Codes of a level; a larger code is an error. 0: one more than the largest of each level')
    .default(0),
  dropLast: z
    .boolean()
    .describe('The last code only distinguishes items with equal codes: leave it out, it is made again')
    .default(false),
  ...contentFields,
  content: z
    .enum([...content.unwrap().options, 'none'])
    .describe('Vectors that the IDs are measured by; none leaves those measures out')
    .default('text'),
});

type ImportedIdsConfig = z.output<typeof importedIdsSchema>;

async function fitIds(
  { file, codes: codebookSize, dropLast, itemsFile }: ImportedIdsConfig,
  { datasetDir, items, log }: TokeniserFit,
): Promise<FittedIds> {
  if (file === '') throw new UserError('name the file of Semantic IDs: set file=ids.json');
  const options = { codebookSize, dropLast, itemsFile };
  const imported = await importIds(file, await readItemIds(datasetDir), options);
  const { codebookSizes, codes, missing, lastCounts } = imported;
  if (missing > 0) log('warn', `${missing} of ${items} items are not in ${file}: they have no Semantic ID`);
  if (lastCounts) {
    log(
      'warn',
      'the last code counts from 0 among items with equal codes, as a collision token does: set dropLast=true, ' +
        'or collisions will not be seen',
    );
  }
  return { codebookSizes, codes, codebooks: [] };
}

export const importedIds = tokeniser({
  id: 'imported-ids',
  title: 'Imported Semantic IDs',
  summary: 'Semantic IDs that another program made.',
  group: 'tokeniser',
  paper: {
    title: 'Recommender Systems with Generative Retrieval',
    authors:
      'Rajput, Mehta, Singh, Keshavan, Vu, Heldt, Hong, Tay, Tran, Samost, Kula, Chi and Sathiamoorthy',
    year: 2023,
    where: 'NeurIPS 2023, arXiv:2305.05065',
  },
  essentials: ['file', 'itemsFile', 'dropLast'],
  configSchema: importedIdsSchema,
  readsContent: (config) => config.content !== 'none',
  sources: { vectorsFrom: 'optional' },
  build: (config) => ({ training: 'fit', fit: (context) => fitIds(config, context) }),
});
