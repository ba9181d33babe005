/**
 * The peer: DuckDB alone doing the work of an import in four statements, everything at its defaults: read, dense ids,
 * sort by user and time, write Parquet. Usage: node bench/import/bare.ts RATINGS.csv OUT.parquet
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [source, target] = process.argv.slice(2);
const started = performance.now();
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(`CREATE TABLE ratings AS SELECT * FROM read_csv('${source}')`);
for (const [table, column] of [
  ['users', 'userId'],
  ['items', 'movieId'],
]) {
  await connection.run(
    `CREATE TABLE ${table} AS SELECT ${column}, (row_number() OVER (ORDER BY ${column}) - 1)::INTEGER AS dense
     FROM (SELECT DISTINCT ${column} FROM ratings)`,
  );
}
await connection.run(
  `COPY (SELECT users.dense AS "user", items.dense AS item, rating, timestamp FROM ratings JOIN users USING (userId)
   JOIN items USING (movieId) ORDER BY users.dense, timestamp) TO '${target}' (FORMAT parquet)`,
);
// The import gives its memory back before it returns; so does its peer.
connection.closeSync();
instance.closeSync();
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMiB }));
