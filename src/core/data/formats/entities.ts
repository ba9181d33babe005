import { decodeHTMLStrict } from 'entities';
import { type Duck, identifier, literal } from '../duck.ts';

const ENTITY = '&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});';
const ENTITIES = new RegExp(ENTITY, 'g');
/** Replacements of one statement. */
const BATCH = 100;

/** Text with the entities of HTML, "&amp;" or "&#39;", as the characters that they stand for. */
export function decodedText(text: string): string {
  return text.replaceAll(ENTITIES, decodedEntity);
}

/** "|" parts the values of a list, so that it stays written out. */
function decodedEntity(entity: string): string {
  const decoded = decodeHTMLStrict(entity);
  return decoded === '|' ? entity : decoded;
}

/** Decodes the entities in text columns of a table. */
export async function decodeEntities(duck: Duck, table: string, columns: readonly string[]): Promise<void> {
  for (const column of columns.map(identifier)) {
    const found = await duck.rows<{ entity: string }>(
      `SELECT DISTINCT unnest(regexp_extract_all(${column}, ${literal(ENTITY)})) AS entity FROM ${table} WHERE contains(${column}, '&')`,
    );
    const pairs = found
      .map(({ entity }) => ({ entity, decoded: decodedEntity(entity) }))
      .filter(({ entity, decoded }) => decoded !== entity)
      // An ampersand comes last: "&amp;lt;" is a way to write "&lt;", which is then left as it is.
      .sort((a, b) => Number(a.decoded === '&') - Number(b.decoded === '&'));
    for (let first = 0; first < pairs.length; first += BATCH) {
      const batch = pairs.slice(first, first + BATCH);
      const replaced = batch.reduce(
        (sql, { entity, decoded }) => `replace(${sql}, ${literal(entity)}, ${literal(decoded)})`,
        column,
      );
      await duck.run(`UPDATE ${table} SET ${column} = ${replaced} WHERE contains(${column}, '&')`);
    }
  }
}
