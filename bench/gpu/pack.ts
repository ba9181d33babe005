/**
 * Packs what tries the GPU of another machine into one archive: Node, ONNX Runtime, the program, generated data and the trial.
 * That machine needs Linux x64, a driver, tar and xz, and no network: tar xf FILE && ./gpu-trial/run.sh
 *
 * usage: npm run gpu-trial -- FILE.tar.xz
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { importDataset } from '../../src/core/data/import/import.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { messageOf, UserError } from '../../src/core/errors.ts';
import { findModel, resolveConfig } from '../../src/core/families/registry.ts';
import { runTraining } from '../../src/core/families/trainer.ts';
import { archivesFor } from '../../src/main/executors/shipping/archives.ts';
import {
  type ArchiveFile,
  filesBelow,
  folderFiles,
  memoryFile,
  writeTar,
} from '../../src/main/executors/shipping/tar.ts';

const ROOT = join(import.meta.dirname, '../..');
const LIMIT_BYTES = 64e6;
const RUN = `#!/bin/sh
# Tries every device of this machine and writes report.txt and report.json beside this file.
cd "$(dirname "$0")" && exec ./bin/node bench/gpu/trial.ts data .
`;

const [file = 'gpu-trial.tar.xz'] = process.argv.slice(2);

/** Data sets as they are imported, and Semantic IDs of one. */
async function prepare(home: string): Promise<ArchiveFile[]> {
  const dataset = async (name: string, paths: string[]) => {
    const { id } = await importDataset({ paths }, { home });
    return { name, folder: join(home, 'datasets', id) };
  };
  const sample = await dataset('sample', writeSample(join(home, 'files'), { users: 600, items: 400 }));
  const rows = Array.from(
    { length: 4000 },
    (_, at) => `${(at * 7) % 3 === 0 ? 1 : 0},g${at % 4},${at % 9},u${at % 20},p${at % 30},${1e9 + at}`,
  );
  writeFileSync(join(home, 'clicks.csv'), `label,group,count,user,item,time\n${rows.join('\n')}\n`);
  const clicks = await dataset('clicks', [join(home, 'clicks.csv')]);
  const ids = { name: 'ids', folder: join(home, 'ids') };
  const { id: model } = findModel('residual-kmeans');
  const config = resolveConfig(model, { overrides: { levels: 3, codes: 8 } });
  const run = { runId: 'ids', seed: 1, device: 'cpu', threads: 1, resumeFrom: null } as const;
  await runTraining({ ...run, model, config, datasetDir: sample.folder, runDir: ids.folder }, () => {});
  const parts = await Promise.all(
    [sample, clicks, ids].map(async ({ name, folder }) =>
      filesBelow(`data/${name}`, await folderFiles(folder)),
    ),
  );
  return parts.flat();
}

async function ownFiles(): Promise<ArchiveFile[]> {
  const folders = ['bench/gpu', 'test/engine'];
  const parts = await Promise.all(
    folders.map(async (folder) => filesBelow(folder, await folderFiles(join(ROOT, folder)))),
  );
  return [...parts.flat(), ...(await folderFiles(ROOT, ['test/small-models.ts']))];
}

const work = mkdtempSync(join(tmpdir(), 'tessera-gpu-pack-'));
try {
  const archives = await archivesFor({ os: 'linux', arch: 'x64' }, join(work, 'cache'));
  const shipped = (await Promise.all(archives.map((archive) => archive.files()))).flat();
  const files = [
    ...shipped,
    ...(await ownFiles()),
    ...(await prepare(join(work, 'home'))),
    memoryFile('run.sh', Buffer.from(RUN), true),
  ];
  const tar = join(work, 'gpu-trial.tar');
  await writeTar(tar, filesBelow('gpu-trial', files), { gzip: false });
  await promisify(execFile)('xz', ['-9', tar]);
  const { size } = statSync(`${tar}.xz`);
  if (size > LIMIT_BYTES)
    throw new UserError(`an archive of ${size} bytes is not written: ${LIMIT_BYTES} are the most`);
  copyFileSync(`${tar}.xz`, resolve(file));
  console.log(`${resolve(file)}: ${(size / 1e6).toFixed(1)} MB. There: tar xf ${file} && ./gpu-trial/run.sh`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
