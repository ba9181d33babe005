/** Runs of TREC: query, a constant, document, rank, score, name; the score orders, as in trec_eval. */
import { linesOf } from '../../files/lines.ts';
import { notARow, type ResultColumns } from './columns.ts';
import type { GivenRow } from './given-rows.ts';

/** Any spaces part them. */
const TREC = /^\s*\S+[ \t]+(?:Q0|0)[ \t]+\S+[ \t]+\d+[ \t]+[-+.\deE]+[ \t]+\S+\s*$/;

export const isTrec = (line: string) => TREC.test(line);

const TREC_COLUMNS = ['user', 'constant', 'item', 'rank', 'score', 'name'];
export const TREC_ROLES: ResultColumns = {
  user: 'user',
  item: 'item',
  score: 'score',
  rank: 'rank',
  model: 'model',
};

const number = (text: string) => (text.includes('_') ? Number.NaN : Number(text));

/** Throws UserError, which names `path`, for a line that is no row. */
export async function* trecRows(path: string, plain: string): AsyncGenerator<GivenRow> {
  let at = 0;
  for await (const line of linesOf(plain)) {
    at++;
    if (line.trim() === '') continue;
    const [user, , item, rank, score, model, ...more] = line.trim().split(/\s+/);
    if (model === undefined || more.length > 0) throw notARow(path, at, TREC_COLUMNS);
    yield { user, item, rank: number(rank), score: number(score), part: { model } };
  }
}
