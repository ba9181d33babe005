import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'setup-gpu.ts');

/** Makes the process believe it runs elsewhere, or that there is no network: nothing is ever fetched here. */
const pretend = (code: string): string => `--import=data:text/javascript,${encodeURIComponent(code)}`;
const on = (platform: string, arch: string): string =>
  pretend(
    `for (const [key, value] of [["platform","${platform}"],["arch","${arch}"]]) Object.defineProperty(process,key,{value})`,
  );
const OFFLINE = pretend(
  'globalThis.fetch = async () => { throw new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND somewhere") }) }',
);

function setup(args: string[], flags: string[], env: Record<string, string> = {}) {
  const { HTTPS_PROXY: _, https_proxy: __, ...clean } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...flags, SCRIPT, ...args],
    { encoding: 'utf8', env: { ...clean, ...env } },
  );
  return { status, stdout, stderr };
}

const linux = [on('linux', 'x64'), OFFLINE];

describe('setup:gpu', () => {
  it('says how it is used', () => {
    const { status, stdout, stderr } = setup(['--help'], linux);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/npm run setup:gpu -- <libraries>[\s\S]*cuda[\s\S]*tfjs[\s\S]*--dry-run/);
  });

  it.each([
    [[], /^setup:gpu: name what to fetch: cuda or tfjs \(--help shows how\)\n$/],
    [['rocm'], /^setup:gpu: unknown libraries "rocm": cuda or tfjs .*\n$/],
    [['constructor'], /^setup:gpu: unknown libraries "constructor".*\n$/],
    [['cuda', 'tfjs'], /^setup:gpu: one at a time: .*\n$/],
    [['cuda', '--tensorflow', 'tf'], /^setup:gpu: --tensorflow belongs to tfjs .*\n$/],
    [['--fast', 'cuda'], /^setup:gpu: Unknown option '--fast'.*\n$/],
  ])('refuses the arguments %j with exit 2', (args, message) => {
    const { status, stdout, stderr } = setup(args, linux);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each([
    [
      'cuda',
      /api\.nuget\.org\/v3-flatcontainer\/microsoft\.ml\.onnxruntime\.gpu\.linux\/1\.\d+\.\d+\/.*\.nupkg\n/,
    ],
    [
      'tfjs',
      /storage\.googleapis\.com\/tensorflow\/libtensorflow\/libtensorflow-gpu-linux-x86_64-2\.9\.1\.tar\.gz\n/,
    ],
  ])('says what it would fetch for %s, and fetches nothing', (name, source) => {
    const { status, stdout, stderr } = setup([name, '--dry-run'], linux);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(source);
  });

  it.each([
    ['cuda', 'darwin', 'arm64', /CUDA provider exists for linux\/x64 only, and this is darwin\/arm64/],
    ['cuda', 'win32', 'x64', /exists for linux\/x64 only, and this is win32\/x64/],
    ['tfjs', 'linux', 'arm64', /exists for linux\/x64 and win32\/x64 only, and this is linux\/arm64/],
  ])('refuses %s on %s/%s', (name, platform, arch, message) => {
    const { status, stderr } = setup([name], [on(platform, arch), OFFLINE]);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['cuda', 'api.nuget.org'],
    ['tfjs', 'storage.googleapis.com'],
  ])('says in one line that it is offline, having said what %s needs', (name, host) => {
    const { status, stdout, stderr } = setup([name], linux);
    expect(status).toBe(1);
    expect(stdout).toContain(`https://${host}/`);
    expect(stderr).toBe(
      `setup:gpu: cannot fetch from ${host}: getaddrinfo ENOTFOUND somewhere; check the internet connection, and behind a proxy set HTTPS_PROXY\n`,
    );
  });

  // The real install script, through a proxy that refuses every connection.
  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    "turns the install script's stack trace into one line",
    () => {
      const folder = join(
        import.meta.dirname,
        '../../../node_modules/onnxruntime-node/bin/napi-v6/linux/x64',
      );
      const had = existsSync(join(folder, 'libonnxruntime_providers_cuda.so'));
      const { status, stderr } = setup(['cuda'], [], { HTTPS_PROXY: 'http://127.0.0.1:9' });
      expect(status).toBe(1);
      expect(stderr).toBe(
        "setup:gpu: onnxruntime-node's install script failed: connect ECONNREFUSED 127.0.0.1:9; check the internet connection, and behind a proxy set HTTPS_PROXY\n",
      );
      expect(existsSync(join(folder, 'libonnxruntime_providers_cuda.so'))).toBe(had);
    },
  );
});
