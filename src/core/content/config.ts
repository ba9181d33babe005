/** Config keys that say which vectors items have; the same for every model that reads content. */
import { z } from 'zod';
import { pathField } from '../files/path-fields.ts';

const list = (what: string) =>
  z.string().describe(`${what}, separated by commas; empty takes those found, - takes none`).default('');

export const contentFields = {
  content: z
    .enum(['text', 'vectors', 'sentence', 'run', 'text+run', 'sentence+run', 'auto'])
    .describe(
      'Item vectors: TF-IDF of what the data set says of its items, reduced by truncated SVD; imported from a file; ' +
        'by a sentence encoder in a local folder; the item embeddings of a trained run; or text and run side by side. ' +
        'auto takes the text of the items, or the newest validated SASRec run where the data set has no text',
    )
    .default('auto'),
  runWeight: z
    .number()
    .positive()
    .describe('Length of the part of the run, that of the text being 1 (content=text+run, sentence+run)')
    .default(1),
  contentDim: z
    .int()
    .min(2)
    .max(512)
    .describe('Width of the vectors made from text (content=text)')
    .default(256),
  textColumns: list('Columns of running text, such as title'),
  categoryColumns: list('Columns of categories, or of lists of them joined by |'),
  numberColumns: list('Columns of numbers, such as price'),
  ngrams: z.int().min(1).max(3).describe('Longest run of words that is a term (content=text)').default(2),
  minDocuments: z.int().positive().describe('Fewest items that have a term (content=text)').default(2),
  maxTerms: z
    .int()
    .positive()
    .describe('Most terms kept, those of the most items first (content=text)')
    .default(200_000),
  sublinearTf: z
    .boolean()
    .describe('A term counts 1 + ln(times), not its times (content=text)')
    .default(true),
  categoryWeight: z
    .number()
    .nonnegative()
    .describe(
      'Length of the part of each column of categories, that of a text column being 1; items of one category and brand ' +
        'get equal IDs where it is large (content=text)',
    )
    .default(0.2),
  numberWeight: z
    .number()
    .nonnegative()
    .describe('Length of the part of numbers, that of the rest being 1 (content=text)')
    .default(0.1),
  normaliseContent: z.boolean().describe('Every item vector has length 1').default(true),
  vectorsFile: pathField(
    'File of item vectors: .npy, .npz, .safetensors, .parquet, .csv or .tsv (content=vectors)',
  ),
  vectorIdsFile: pathField(
    'Text file of item ids, one per line, where the vectors have none of their own (content=vectors)',
  ),
  vectorsFrom: z
    .string()
    .describe('Trained run whose item embeddings are taken (content=run, text+run, sentence+run)')
    .default(''),
  sentenceModel: pathField(
    'Folder of a sentence encoder in ONNX form, with its tokenizer.json (content=sentence, sentence+run)',
  ),
  sentenceTruncation: z
    .enum(['encoder', 'tokenizer'])
    .describe(
      "Texts longer than the encoder reads end at its own limit (max_seq_length), closing token included; or at the tokenizer's, " +
        'without that token, as runs of earlier versions had it (content=sentence, sentence+run)',
    )
    .default('encoder'),
} as const;

export const contentSchema = z.object(contentFields);
export type ContentConfig = z.output<typeof contentSchema>;

/** The column names in a comma-separated key; null if empty, which lets the program choose, and [] for "-", none. */
export function columnNames(value: string): string[] | null {
  if (value.trim() === '') return null;
  if (value.trim() === '-') return [];
  return value.split(',').map((name) => name.trim());
}
