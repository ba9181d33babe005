import { z } from 'zod';
import type { NamedThing } from '../../stand-ins.ts';
import { StoreTables } from '../db/store-tables.ts';

const row = z.object({ kind: z.string(), id: z.string(), name: z.string() });

/** A data set is named in its runs, also once it is gone or has another name. */
const ALL = `SELECT 'run' AS kind, id, name FROM runs UNION SELECT 'data set', id, name FROM datasets
  UNION SELECT 'data set', dataset_name, dataset_name FROM runs WHERE dataset_name NOT IN (SELECT name FROM datasets)
  UNION SELECT 'project', id, name FROM projects UNION SELECT 'study', id, name FROM studies
  UNION SELECT 'plan', id, name FROM plans
  UNION SELECT 'comparison', id, name FROM comparisons UNION SELECT 'host', name, name FROM hosts ORDER BY kind, id`;

/** What users have called the things of a home. */
export class GivenNames extends StoreTables {
  /** Of what there is, the trash included, and its ids; in an order that stays. */
  all(): NamedThing[] {
    // Of "ada@lab" each part may be named alone.
    return this.connection.rows(row, ALL).map(({ kind, id, name }) => ({
      kind,
      names: [id, name, ...(kind === 'host' ? name.split('@') : [])],
    }));
  }
}
