import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll, listPackage, statFile } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { build, type Configuration, Platform } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryHome } from '../store/home.ts';

const PROJECT = join(import.meta.dirname, '../..');
const ICONS = join(PROJECT, 'resources/icons');

/** Electron marks its fuses by these 32 letters; version, count and one digit a fuse follow. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSE_ON = '1'.charCodeAt(0);

/** A folder as Electron's own, whose program is nothing but fuses, all at their opposite of what a release wants. */
function standInElectron(folder: string): string {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '');
  writeFileSync(
    join(folder, 'electron'),
    Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, 8]), Buffer.from('00110011')]),
  );
  chmodSync(join(folder, 'electron'), 0o755);
  return folder;
}

function buildProgram(): void {
  const electronVite = join(PROJECT, 'node_modules/electron-vite/bin/electron-vite.js');
  execFileSync(process.execPath, [electronVite, 'build', '--logLevel', 'warn'], { cwd: PROJECT });
}

interface PngSize {
  width: number;
  height: number;
}

function sizeOfPng(path: string): PngSize {
  const header = readFileSync(path).subarray(0, 24);
  expect(header.subarray(1, 4).toString('latin1')).toBe('PNG');
  return { width: header.readUInt32BE(16), height: header.readUInt32BE(20) };
}

// Packages are made on their own system, where Electron's program is laid out otherwise.
describe.skipIf(process.platform !== 'linux')('a packed desktop app', () => {
  const machine = `${process.platform}-${process.arch}`;
  const work = mkdtempSync(join(tmpdir(), 'tessera-package-'));
  let folder: string;
  let archive: string;
  let files: string[];
  let config: Configuration;

  beforeAll(async () => {
    if (!existsSync(join(PROJECT, 'out/main/electron.js'))) buildProgram();
    await build({
      projectDir: PROJECT,
      targets: Platform.LINUX.createTarget('dir'),
      publish: 'never',
      config: {
        electronDist: standInElectron(join(work, 'electron')),
        directories: { output: join(work, 'dist') },
        afterPack: (context) => {
          config = context.packager.config;
        },
      },
    });
    folder = join(work, 'dist', process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
    archive = join(folder, 'resources/app.asar');
    files = listPackage(archive, { isPack: false }).map((file) => file.slice(1));
  });

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('has its fuses set', async () => {
    const { version: _version, ...wire } = await getCurrentFuseWire(join(folder, 'tessera'));
    const on = Object.entries(wire).filter(([, state]) => state === FUSE_ON);
    expect(on.map(([fuse]) => FuseV1Options[Number(fuse)]).sort()).toEqual([
      'EnableCookieEncryption',
      'EnableEmbeddedAsarIntegrityValidation',
      'OnlyLoadAppFromAsar',
      'RunAsNode',
    ]);
    expect(Object.keys(wire).length).toBe(8);
  });

  it('holds the built program, its data and what it needs, and no source, test or tool', () => {
    expect([...new Set(files.map((file) => file.split('/')[0]))].sort()).toEqual([
      ...['node_modules', 'out', 'package.json', 'resources'],
    ]);
    for (const needed of [
      ...['electron', 'cli', 'trainer', 'importer', 'analyst', 'probe'].map((name) => `out/main/${name}.js`),
      ...['out/preload/preload.cjs', 'out/renderer/index.html'],
      ...['resources/migrations/001-initial.sql', 'resources/published/datasets.json'],
    ]) {
      expect(files).toContain(needed);
    }
    expect(files.filter((file) => /\.(ts|tsx|map)$|^out\/(types|e2e)/.test(file))).toEqual([]);
    const { devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(PROJECT, 'package.json'), 'utf8'),
    ) as Record<'devDependencies' | 'optionalDependencies', Record<string, string>>;
    const tools = [...Object.keys(devDependencies), ...Object.keys(optionalDependencies)];
    expect(tools.filter((name) => files.includes(`node_modules/${name}/package.json`))).toEqual([]);
  });

  it('holds the native modules of this machine alone, outside the archive', () => {
    const native = files.filter((file) => /\.(node|so|dylib|dll)(\.\d+)*$/.test(file));
    expect(native.length).toBeGreaterThanOrEqual(5);
    for (const file of native) {
      expect(file).toMatch(new RegExp(machine.replace('-', '[-/]')));
      expect([file, 'unpacked' in statFile(archive, file)]).toEqual([file, true]);
      expect(existsSync(join(`${archive}.unpacked`, file))).toBe(true);
    }
  });

  it('works from what it holds: imports, trains and compares', () => {
    const program = join(folder, 'extracted');
    extractAll(archive, program);
    const home = temporaryHome();
    const tessera = (...args: string[]): string =>
      execFileSync(process.execPath, [join(program, 'out/main/cli.js'), '--home', home, '--json', ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const ratings = join(home, 'ratings.csv');
    const rows = Array.from({ length: 400 }, (_, row) => `u${row % 40},i${(row * row) % 60},${row}`);
    writeFileSync(ratings, `user,item,time\n${rows.join('\n')}\n`);
    expect(JSON.parse(tessera('datasets', 'import', ratings, '--name', 'club')).users).toBe(40);
    const devices = JSON.parse(tessera('devices')) as { id: string; usable: boolean }[];
    expect(devices.find(({ id }) => id === 'cpu')?.usable).toBe(true);
    const train = tessera('train', '--dataset', 'club', '--model', 'bprmf', '--set', 'epochs=1');
    const { run, status } = JSON.parse(train.trim().split('\n').at(-1) ?? '') as Record<string, string>;
    expect(status).toBe('completed');
    expect(JSON.parse(tessera('compare', run)).rows).toHaveLength(1);
  });

  it('is made as AppImage and deb, dmg and nsis, and opens data files', () => {
    expect([config.linux?.target, config.mac?.target, config.win?.target]).toEqual([
      ...[['AppImage', 'deb'], 'dmg', 'nsis'],
    ]);
    expect(config.fileAssociations).toEqual(
      expect.arrayContaining(['csv', 'tsv', 'parquet'].map((ext) => expect.objectContaining({ ext }))),
    );
    for (const icon of [config.mac?.icon, config.win?.icon]) {
      const { width, height } = sizeOfPng(join(PROJECT, String(icon)));
      expect(width).toBe(height);
      expect(width).toBeGreaterThanOrEqual(256);
    }
  });
});

describe('the icon', () => {
  it('is one drawing in every size', () => {
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512, 1024]) {
      const path = join(ICONS, `png/${size}x${size}.png`);
      expect([path, sizeOfPng(path)]).toEqual([path, { width: size, height: size }]);
    }
    const drawing = readFileSync(join(ICONS, 'icon.svg'), 'utf8');
    expect(readFileSync(join(PROJECT, 'src/renderer/public/icon.svg'), 'utf8')).toBe(drawing);
  });
});
