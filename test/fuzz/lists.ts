/** Reads generated files of recommendations, each with an oddity: `node test/fuzz/lists.ts [FILES] [FIRST SEED]`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importDataset } from '../../src/core/data/import/import.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { heldOutOf, misreading } from '../foreign/read-listed.ts';

const [files, first] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1)];
const home = mkdtempSync(join(tmpdir(), 'tessera-lists-'));
const folderOf = async (path: string) =>
  join(home, 'datasets', (await importDataset({ paths: [path] }, { home })).id);

try {
  const sample = await folderOf(writeSample(home, { users: 80, items: 60 })[0]);
  const wide = join(home, 'wide.csv');
  const rows = Array.from({ length: 60 }, (_, user) =>
    Array.from(
      { length: 8 },
      (_, at) => `${2n ** 53n + BigInt(user)},${2n ** 60n + BigInt((user * 7 + at * at) % 50)},${at}`,
    ),
  );
  writeFileSync(wide, `user,item,timestamp\n${rows.flat().join('\n')}\n`);
  const folders = [sample, await folderOf(wide)];
  const heldOut = await Promise.all(folders.map(heldOutOf));
  let wrong = 0;
  for (let file = 0; file < files; file++) {
    const problem = await misreading(folders[file % 2], heldOut[file % 2], first + file);
    if (problem) {
      console.log(problem);
      wrong++;
    }
    if (file % 500 === 499) console.error(`${file + 1} of ${files}, ${wrong} read wrongly`);
  }
  console.log(`${files} files, ${wrong} read wrongly`);
  process.exitCode = wrong > 0 ? 1 : 0;
} finally {
  rmSync(home, { recursive: true, force: true });
}
