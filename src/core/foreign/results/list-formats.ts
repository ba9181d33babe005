/** How a file of lists is written. */
export interface ListFormat {
  /** Options of DuckDB's COPY. */
  copy: string;
  /** Its columns. */
  select: string;
}

// Without ranks: an equal score counts against the target wherever the file is read.
const TABLE = 'SELECT users.id AS user_id, items.id AS item_id, score';

/** By the ending of the file. */
export const LIST_FORMATS: Record<string, ListFormat> = {
  '.csv': { copy: 'FORMAT csv, HEADER true', select: TABLE },
  '.tsv': { copy: "FORMAT csv, HEADER true, DELIMITER '\t'", select: TABLE },
  '.jsonl': { copy: 'FORMAT json', select: TABLE },
  '.parquet': { copy: 'FORMAT parquet', select: TABLE },
  '.trec': {
    copy: "FORMAT csv, HEADER false, DELIMITER ' ', QUOTE '', ESCAPE ''",
    select: "SELECT users.id AS user_id, 'Q0', items.id AS item_id, rank, score, 'tessera'",
  },
};
