/**
 * Runs that neptune-exporter has written: Parquet files in which a row is a value of an attribute of a run (its README, "Parquet
 * schema"). A run may go on in several files.
 */
import { basename } from 'node:path';
import { type Duck, pathLiteral, withDuck } from '../../data/duck.ts';
import { utcMs } from '../../dates.ts';
import { readByDuck } from './database.ts';
import type { ToldFacts, TrackerListener } from './told.ts';

const SERIES = "ends_with(attribute_type, '_series')";

const PART = /(?<=^|[_/\\])part_\d+\.parquet$/;

/** The exporter calls its files so. */
export function isNeptuneFile(path: string): boolean {
  return PART.test(basename(path));
}

/** Files of one name but for their numbers go together. */
export const withoutPart = (path: string) => path.replace(PART, '');

interface Attribute extends Record<string, unknown> {
  project: string;
  run: string;
  path: string;
  type: string;
  number: number | null;
  text: string | null;
}

/** What Neptune itself notes of a run, by the ends of its paths. */
const STATES: Record<string, ToldFacts['status']> = {
  ...{ failed: 'failed', crashed: 'failed', interrupted: 'interrupted' },
};

export async function readNeptune(parts: readonly string[], to: TrackerListener): Promise<void> {
  const source = `read_parquet([${parts.map(pathLiteral).join(', ')}])`;
  const query = (duck: Duck) =>
    duck.rows<Attribute>(
      `SELECT project_id AS project, run_id AS run, attribute_path AS path, attribute_type AS type,
         coalesce(int_value::DOUBLE, float_value) AS number,
         coalesce(string_value, bool_value::VARCHAR, strftime(datetime_value, '%Y-%m-%dT%H:%M:%SZ'), array_to_string(string_set_value, chr(10))) AS text
       FROM ${source} WHERE NOT ${SERIES} ORDER BY project, run, path`,
    );
  const values = await readByDuck(parts[0], () => withDuck(query));
  for (const [run, attributes] of Map.groupBy(values, ({ project, run }) => `${project}/${run}`))
    to.facts(run, factsOf(attributes));
  await withDuck(async (duck) => {
    for (const part of parts) await readSeries(duck, part, to);
  });
}

function factsOf(attributes: readonly Attribute[]): Partial<ToldFacts> {
  const [{ project, run }] = attributes;
  const own = (name: string) => attributes.find(({ path }) => path === `sys/${name}`);
  const time = (name: string) => utcMs(own(name)?.text ?? '') || undefined;
  const values = attributes.filter(({ path, type }) => !path.startsWith('sys/') && type !== 'file');
  const config = Object.fromEntries(
    values.map((one) => [one.path, one.type === 'bool' ? one.text === 'true' : (one.number ?? one.text)]),
  );
  const isFailed = own('failed')?.text === 'true';
  return {
    ...{ name: own('name')?.text || run, program: 'Neptune', config, project },
    status: isFailed ? 'failed' : (STATES[own('state')?.text?.toLowerCase() ?? ''] ?? 'completed'),
    ...{ tags: own('tags')?.text?.split('\n') ?? [], notes: own('description')?.text ?? undefined },
    ...{ startedAt: time('creation_time'), endedAt: time('modification_time') },
  };
}

type SeriesRow = [run: string, path: string, step: number, time: number | null, value: number | null];

/** A file at a time, which the exporter keeps small. */
async function readSeries(duck: Duck, part: string, to: TrackerListener): Promise<void> {
  const sql = `SELECT project_id || '/' || run_id, attribute_path, step::DOUBLE, epoch_ms(timestamp)::DOUBLE,
       CASE WHEN attribute_type = 'float_series' THEN float_value END
     FROM read_parquet(${pathLiteral(part)}) WHERE ${SERIES}`;
  const result = await readByDuck(part, () => duck.run(sql));
  for (let index = 0; index < result.chunkCount; index++) {
    for (const [run, path, step, time, value] of result.getChunk(index).getRows() as SeriesRow[]) {
      if (value === null) to.lost('texts, histograms and files of series');
      else to.point(run, path, step, time ?? Number.NaN, value);
    }
  }
}
