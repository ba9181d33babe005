import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { archivesFor } from './archives.ts';

/** A packaged program has none of another system. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const isHidden = (path: string) => /onnxruntime-node.bin.napi-v6.darwin/.test(path);
  return { ...fs, existsSync: (path: string) => !isHidden(path) && fs.existsSync(path) };
});

it('fetches ONNX Runtime for a system whose binaries are not here, though the package is', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    server.close();
    vi.unstubAllEnvs();
  });
  const [, packages] = await archivesFor({ os: 'darwin', arch: 'arm64' }, temporaryHome());
  await expect(packages.files()).rejects.toThrow('could not be fetched');
  expect(asked.map((url) => url?.split('/').at(-1))).toContain('onnxruntime-node-1.30.0.tgz');
});
