/** The files of an exported split, each a query of DuckDB over `named` (rows of parts) and `listed` (items). */
import { literal } from '../../data/duck.ts';
import { slug } from '../../data/import/staging.ts';
import { splits } from '../../data/splits/index.ts';
import type { DatasetSummary } from '../../data/types.ts';
import type { ExportFormat } from './formats.ts';
import type { SplitChoice } from './manifest.ts';

export interface SplitFile {
  /** "train", "validation", "test", "items", or what else a format has. */
  part: string;
  file: string;
  sql: string;
  /** Options of DuckDB's COPY. */
  copy: string;
}

/** Users who are held out whole have a history that is in no other part. */
const partsOf = ({ split }: SplitChoice) => [
  'train',
  ...(splits[split].strangers ? ['history'] : []),
  ...['validation', 'test'],
];
const CSV = 'FORMAT csv, HEADER true';
const TABBED = "FORMAT csv, DELIMITER '\t', QUOTE '', ESCAPE ''";
/** Items of the history beside each row of a RecBole file: as many as RecBole's MAX_ITEM_LIST_LENGTH has by default. */
const RECBOLE_HISTORY = 50;

/** What a format writes, in order. */
export function splitFiles(format: ExportFormat, summary: DatasetSummary, choice: SplitChoice): SplitFile[] {
  switch (format) {
    case 'csv':
      return tables('csv', CSV, partsOf(choice));
    case 'parquet':
      return tables('parquet', 'FORMAT parquet', partsOf(choice));
    case 'recbole':
      return recboleFiles(summary, choice);
    case 'sequences':
      return sequenceFiles(partsOf(choice));
  }
}

const items = (ending: string, copy: string): SplitFile => ({
  ...{ part: 'items', file: `items.${ending}`, copy },
  sql: 'SELECT * FROM listed',
});

function tables(ending: string, copy: string, parts: readonly string[]): SplitFile[] {
  const table = (part: string) =>
    `SELECT * EXCLUDE (place, part, target) FROM named WHERE part = ${literal(part)} ORDER BY place`;
  return [
    ...parts.map((part) => ({ part, file: `${part}.${ending}`, sql: table(part), copy })),
    items(ending, copy),
  ];
}

function sequenceFiles(parts: readonly string[]): SplitFile[] {
  const lines = (part: string) =>
    `SELECT "user" || ' ' || string_agg(item, ' ' ORDER BY place) FROM named WHERE part = ${literal(part)} GROUP BY "user" ORDER BY min(place)`;
  return [
    ...parts.map((part) => ({
      part,
      file: `${part}.txt`,
      sql: lines(part),
      copy: `${TABBED}, HEADER false`,
    })),
    items('csv', CSV),
  ];
}

/**
 * Atomic files: of training, validation and test with the history of each row, in which rows without one are missing, since
 * RecBole's sequential models read them all; and all pairs of the training for models that read no sequences.
 */
function recboleFiles(
  { name, statistics: { hasRatings, timeSpan } }: DatasetSummary,
  { targets }: SplitChoice,
): SplitFile[] {
  const copy = `${TABBED}, HEADER true`;
  const columns = `"user" AS "user_id:token", item AS "item_id:token", position AS "position:float"
    ${hasRatings ? ', rating AS "rating:float"' : ''}${timeSpan ? ', "time" AS "timestamp:float"' : ''}`;
  const histories = `SELECT *, string_agg(item, ' ') OVER (PARTITION BY "user" ORDER BY place ROWS BETWEEN ${RECBOLE_HISTORY} PRECEDING AND 1 PRECEDING) AS known
    FROM named WHERE part IS NOT NULL`;
  // The targets of one list have the history of the first.
  const list = targets === 'all' ? 'first_value(known) OVER (PARTITION BY "user" ORDER BY place)' : 'known';
  const rows = (part: string) =>
    `SELECT ${columns}, ${part === 'train' ? 'known' : list} AS "item_id_list:token_seq" FROM (${histories})
     WHERE part = ${literal(part)} AND ${part === 'train' ? 'position > 0' : 'target'} ORDER BY place`;
  const of = (part: string, ending: string, sql: string): SplitFile => ({
    ...{ part, file: `${slug(name)}.${ending}`, sql, copy },
  });
  return [
    ...['train', 'validation', 'test'].map((part) =>
      of(part, `${part === 'validation' ? 'valid' : part}.inter`, rows(part)),
    ),
    of('pairs', 'pairs.inter', `SELECT ${columns} FROM named WHERE part = 'train' ORDER BY place`),
    of('items', 'item', 'SELECT item AS "item_id:token" FROM listed WHERE candidate = 1'),
  ];
}
