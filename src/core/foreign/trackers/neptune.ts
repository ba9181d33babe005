/**
 * Runs that neptune-exporter has written: Parquet files in which a row is a value of an attribute of a run (its README, "Parquet
 * schema"). A run may go on in several files.
 */
import { basename } from 'node:path';
import { Duck, pathLiteral, withDuck } from '../../data/duck.ts';
import { readByDuck } from './database.ts';
import { factsOfConfig, Losses, PointBatch, type Told, type ToldFacts } from './told.ts';

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
  failed: 'failed',
  crashed: 'failed',
  interrupted: 'interrupted',
};

export async function* readNeptune(parts: readonly string[]): AsyncGenerator<Told> {
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
    yield { type: 'facts', run, facts: factsOf(attributes) };
  for (const part of parts) yield* readSeries(part);
}

function factsOf(attributes: readonly Attribute[]): Partial<ToldFacts> {
  const [{ project, run }] = attributes;
  const own = (name: string) => attributes.find(({ path }) => path === `sys/${name}`);
  const time = (name: string) => Date.parse(own(name)?.text ?? '') || undefined;
  const values = attributes.filter(({ path, type }) => !path.startsWith('sys/') && type !== 'file');
  const config = Object.fromEntries(
    values.map(({ path, type, number, text }) => [
      path,
      type === 'bool' ? text === 'true' : (number ?? text),
    ]),
  );
  const [startedAt, endedAt] = [time('creation_time'), time('modification_time')];
  return {
    ...factsOfConfig(config),
    ...{ name: own('name')?.text || run, program: 'Neptune', config, environment: { project } },
    status:
      own('failed')?.text === 'true'
        ? 'failed'
        : (STATES[own('state')?.text?.toLowerCase() ?? ''] ?? 'completed'),
    ...{ tags: own('tags')?.text?.split('\n') ?? [], notes: own('description')?.text ?? undefined },
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

type SeriesRow = [run: string, path: string, step: number, time: number | null, value: number | null];

/** A file at a time, which the exporter keeps small. */
async function* readSeries(part: string): AsyncGenerator<Told> {
  const duck = await Duck.open();
  try {
    const sql = `SELECT project_id || '/' || run_id, attribute_path, step::DOUBLE, epoch_ms(timestamp)::DOUBLE,
         CASE WHEN attribute_type = 'float_series' THEN float_value END
       FROM read_parquet(${pathLiteral(part)}) WHERE ${SERIES}`;
    const result = await readByDuck(part, () => duck.run(sql));
    for (let index = 0; index < result.chunkCount; index++) {
      const [lost, batches] = [new Losses(), new Map<string, PointBatch>()];
      for (const [run, path, step, time, value] of result.getChunk(index).getRows() as SeriesRow[]) {
        const batch = batches.get(run) ?? new PointBatch();
        batches.set(run, batch);
        if (value === null) lost.add('texts, histograms and files of series');
        else batch.add(path, step, time ?? Number.NaN, value);
      }
      for (const [run, batch] of batches) yield* batch.take(run);
      yield* lost.take();
    }
  } finally {
    duck.close();
  }
}
