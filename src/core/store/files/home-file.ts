/** `home.json`: what is of the whole home and of no run: projects, studies, saved comparisons, plans, settings, names of data sets. */
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { isObject } from '../../files/json.ts';
import { withJson } from '../db/columns.ts';
import type { Value } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { HOME_FILE } from '../home/home-paths.ts';
import { readOwnJson, withItsJob } from './run-file.ts';

/** Nor is a host in it, or what is to be ended there: that is asked of the user again, as what is read here may be of anybody. */
const SOME: Readonly<Record<string, string>> = {
  settings: "key NOT LIKE 'queue.%'",
  plans: "file LIKE 'plans/%'",
};

const id = z.string().regex(/^[\w-]{1,100}$/);
const count = z.int().nullable().default(null);
const json = z.json().transform((value) => JSON.stringify(value));
const spec = z.json().transform((value) => JSON.stringify(withItsJob(value)));

/** Each table by its columns; a JSON column is a value in the file. */
const TABLES = {
  projects: z.object({
    id,
    name: z.string(),
    description: z.string().default(''),
    created_at: z.int(),
    deleted_at: count,
  }),
  studies: z.object({ id, name: z.string(), created_at: z.int(), spec, deleted_at: count }),
  comparisons: z.object({
    ...{ id, name: z.string(), notes: z.string().default(''), runs: json, look: json },
    ...{ project: id.nullable().default(null), saved_at: z.int(), deleted_at: count },
  }),
  /** Those whose text is in the home; whatever they did, they wait for their user. */
  plans: z.object({
    ...{ id, name: z.string(), file: z.string().regex(/^plans\/[\w-]{1,100}\.yaml$/) },
    ...{ changed_at: z.int(), deleted_at: count },
  }),
  settings: z.object({ key: z.string(), value: json }),
} as const;
type Table = keyof typeof TABLES;
const TABLE_NAMES = Object.keys(TABLES) as Table[];
const JSON_COLUMNS = ['spec', 'runs', 'look', 'value'];

const named = z.object({ id, name: z.string(), deleted_at: count });
const homeFileSchema = z.object({ format: z.literal('tessera-home'), version: z.literal(1) });

/** How a data set is called, and whether it is in the trash. */
export type FiledDataset = z.output<typeof named>;

/** The home as a file, and the file as a home. */
export class HomeFile extends StoreTables {
  /** What the file is to say. */
  content(): Record<string, unknown> {
    const { connection } = this;
    return connection.snapshot(() => {
      const tables = TABLE_NAMES.map((table) => {
        const columns = Object.keys(TABLES[table].shape).join(', ');
        const rows = connection.all(`SELECT ${columns} FROM ${table} WHERE ${SOME[table] ?? 'TRUE'}`);
        return [table, (rows as Record<string, unknown>[]).map((row) => withJson(row, JSON_COLUMNS))];
      });
      const datasets = connection.all('SELECT id, name, deleted_at FROM datasets ORDER BY id');
      return { format: 'tessera-home', version: 1, ...Object.fromEntries(tables), datasets };
    });
  }

  /** Adds what the file says and returns what could not be, a line each, and how data sets are called. */
  read(home: string): { datasets: FiledDataset[]; lost: string[] } {
    const found = readOwnJson(join(home, HOME_FILE));
    if (!isObject(found) || !homeFileSchema.safeParse(found).success)
      throw new UserError(`${join(home, HOME_FILE)}: is not as Tessera writes it`);
    const listOf = (name: string) => (Array.isArray(found[name]) ? (found[name] as unknown[]) : []);
    const lost: string[] = [];
    for (const table of TABLE_NAMES) {
      for (const entry of listOf(table))
        if (!this.#add(table, entry)) lost.push(`${table}: ${nameOf(entry)}`);
    }
    return { datasets: listOf('datasets').flatMap((entry) => named.safeParse(entry).data ?? []), lost };
  }

  #add(table: Table, entry: unknown): boolean {
    const row = TABLES[table].safeParse(entry);
    if (!row.success) return false;
    try {
      if (table === 'settings') this.connection.replace(table, row.data as Record<string, Value>);
      else this.connection.insert(table, row.data as Record<string, Value>);
      return true;
    } catch {
      return false;
    }
  }
}

const nameOf = (entry: unknown) => (isObject(entry) ? String(entry.name ?? entry.key ?? entry.id) : 'a row');
