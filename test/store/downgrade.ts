/** Makes a home as the version before had it, so that the next hub has to bring it up to date. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrate, readMigrations, shippedMigrations } from '../../src/core/store/db/migrations.ts';

/** Nobody may have the home open. What the newest migration has added is lost. */
export function downgrade(home: string): void {
  const path = join(home, 'tessera.db');
  const older = `${path}.older`;
  rmSync(older, { force: true });
  const database = new Database(older);
  migrate(database, older, readMigrations(shippedMigrations()).slice(0, -1));
  database.pragma('foreign_keys = OFF');
  database.prepare('ATTACH ? AS newer').run(path);
  const named = (sql: string, ...values: string[]) =>
    database
      .prepare(sql)
      .pluck()
      .all(...values) as string[];
  const tables = named(
    "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  database.transaction(() => {
    for (const table of tables) {
      const columns = named('SELECT name FROM pragma_table_info(?, ?)', table, 'main');
      const kept = named('SELECT name FROM pragma_table_info(?, ?)', table, 'newer').filter((name) =>
        columns.includes(name),
      );
      database.exec(`DELETE FROM main.${table}`);
      if (kept.length === 0) continue;
      database.exec(`INSERT INTO main.${table} (${kept}) SELECT ${kept} FROM newer.${table}`);
    }
  })();
  database.close();
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  renameSync(older, path);
}
