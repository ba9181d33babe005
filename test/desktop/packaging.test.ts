import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { build, type Configuration, Platform } from 'electron-builder';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import afterPack from '../../resources/package/after-pack.ts';
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
    Buffer.concat([Buffer.from(FUSE_SENTINEL), Buffer.from([1, 8]), Buffer.from('01111111')]),
  );
  chmodSync(join(folder, 'electron'), 0o755);
  return folder;
}

function buildProgram(): void {
  const electronVite = join(PROJECT, 'node_modules/electron-vite/bin/electron-vite.js');
  execFileSync(process.execPath, [electronVite, 'build', '--logLevel', 'warn'], { cwd: PROJECT });
}

/** What the compiler finds wrong. */
function compile(...args: string[]): string {
  return spawnSync(join(PROJECT, 'node_modules/.bin/tsc'), args, { cwd: PROJECT, encoding: 'utf8' }).stdout;
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
  let resources: string;
  let files: string[];
  let config: Configuration;

  beforeAll(async () => {
    if (!existsSync(join(PROJECT, 'out/main/electron.js'))) buildProgram();
    expect(compile('-b', 'tsconfig.core.json')).toBe('');
    await build({
      projectDir: PROJECT,
      targets: Platform.LINUX.createTarget('dir'),
      publish: 'never',
      config: {
        electronDist: standInElectron(join(work, 'electron')),
        directories: { output: join(work, 'dist') },
        afterPack: (context) => {
          config = context.packager.config;
          return afterPack(context);
        },
      },
    });
    folder = join(work, 'dist', process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
    resources = join(folder, 'resources');
    const app = join(resources, 'app');
    files = readdirSync(app, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(app.length + 1));
  });

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('has its fuses set', async () => {
    const { version: _version, ...wire } = await getCurrentFuseWire(join(folder, 'tessera-desktop'));
    const on = Object.entries(wire).filter(([, state]) => state === FUSE_ON);
    expect(on.map(([fuse]) => FuseV1Options[Number(fuse)])).toEqual([]);
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
    const others = files.filter((file) => !/^resources\/types\/.*\.d\.ts$/.test(file));
    expect(others.filter((file) => /\.(ts|tsx|map)$|^out\/(types|e2e)/.test(file))).toEqual([]);
    const { devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(PROJECT, 'package.json'), 'utf8'),
    ) as Record<'devDependencies' | 'optionalDependencies', Record<string, string>>;
    const tools = [...Object.keys(devDependencies), ...Object.keys(optionalDependencies)];
    expect(tools.filter((name) => files.includes(`node_modules/${name}/package.json`))).toEqual([]);
  });

  it('holds the native modules of this machine alone', () => {
    const native = files.filter((file) => /\.(node|so|dylib|dll)(\.\d+)*$/.test(file));
    expect(native.length).toBeGreaterThanOrEqual(5);
    for (const file of native) expect(file).toMatch(new RegExp(machine.replace('-', '[-/]')));
  });

  it('names all that is packed, with its licence', () => {
    const text = readFileSync(join(resources, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of [
      `Node.js ${process.version}: `,
      'better-sqlite3 13',
      '@duckdb/node-api 1',
      'react - 19',
    ]) {
      expect(text).toContain(name.replace(': ', ''));
    }
    expect(text).toMatch(/Permission is hereby granted, free of charge/);
    expect(text).toMatch(/SIL OPEN FONT LICENSE/i);
    expect(text).not.toMatch(/: none stated|LGPL-3/);
  });

  it('is no larger than it has to be', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(resources, 'app', file)).size, 0);
    // Beside Electron and Node, which have 127 MB; of it DuckDB has 71, ONNX Runtime 46.
    expect(bytes).toBeLessThan(160e6);
  });

  it('works from what it holds: its launcher imports, trains and compares', () => {
    const home = temporaryHome();
    const launcher = join(home, 'tessera');
    symlinkSync(join(resources, 'bin/tessera'), launcher);
    const tessera = (...args: string[]): string =>
      execFileSync(launcher, ['--home', home, '--json', ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        // No Node but the packed one.
        env: { PATH: '/usr/bin:/bin', HOME: home },
      });
    const ratings = join(home, 'ratings.csv');
    const rows = Array.from({ length: 400 }, (_, row) => `u${row % 40},i${(row * row) % 60},${row}`);
    writeFileSync(ratings, `user,item,time\n${rows.join('\n')}\n`);
    expect(JSON.parse(tessera('datasets', 'import', ratings, '--name', 'club')).users).toBe(40);
    const devices = JSON.parse(tessera('devices')) as { id: string; usable: boolean; detail: string }[];
    expect(devices.find(({ id }) => id === 'cpu')?.usable).toBe(true);
    // An installed program has no scripts of npm.
    expect(JSON.stringify(devices)).not.toContain('npm run');
    const train = tessera('train', '--dataset', 'club', '--model', 'bprmf', '--set', 'epochs=1');
    const { run, status } = JSON.parse(train.trim().split('\n').at(-1) ?? '') as Record<string, string>;
    expect(status).toBe('completed');
    expect(JSON.parse(tessera('compare', run)).rows).toHaveLength(1);
  });

  it('brings the types of a plug-in for editors', () => {
    const home = temporaryHome();
    const plugin = join(home, 'mine.ts');
    execFileSync(join(resources, 'bin/tessera'), ['--home', home, 'plugins', 'new', plugin], {
      env: { PATH: '/usr/bin:/bin', HOME: home },
    });
    const text = readFileSync(plugin, 'utf8');
    expect(text).toContain(`from "${join(resources, 'app')}`);
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: [],
    };
    const config = join(home, 'tsconfig.json');
    const compilerOptions = { ...options, target: 'es2024', module: 'nodenext' };
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [plugin] }));
    expect(compile('-p', config)).toBe('');
    writeFileSync(plugin, text.replace('tf.relu(', 'tf.reluu(').replace('z.object(', 'z.objekt('));
    expect(compile('-p', config)).toMatch(/'reluu' does not exist[\s\S]*'objekt' does not exist/);
  });

  it('loads what encodes sentences without the packages that are left out of it', () => {
    const script = "console.log(typeof (await import('@huggingface/transformers')).pipeline)";
    const node = join(resources, 'node');
    const options = { cwd: join(resources, 'app'), encoding: 'utf8' } as const;
    expect(execFileSync(node, ['--input-type=module', '-e', script], options)).toBe('function\n');
    expect(files.filter((file) => /^node_modules\/(sharp|onnxruntime-web|@img)\//.test(file)).sort()).toEqual(
      ['onnxruntime-web', 'sharp'].flatMap((name) =>
        ['index.js', 'package.json'].map((file) => `node_modules/${name}/${file}`),
      ),
    );
  });

  it('tries itself as it is packed, on the stand-in for Electron', () => {
    const standIn = pathToFileURL(join(import.meta.dirname, 'stand-in/electron.ts')).href;
    const packed = join(folder, 'resources/app/out/main/electron.js');
    const args = ['--disable-warning=ExperimentalWarning', '--import', standIn, packed, '--self-test'];
    const env = { ...process.env, STAND_IN_USER_DATA: work };
    const steps = execFileSync(process.execPath, args, { encoding: 'utf8', env }).trim().split('\n');
    expect(steps.map((line) => line.split(':', 1)[0])).toEqual(
      ['window', 'import', 'devices', 'measure', 'train', 'checkpoint', 'compare', 'report', 'quit'].map(
        (step) => `ok    ${step}`,
      ),
    );
  });

  it('is made as AppImage and deb, dmg and nsis, and opens data files', () => {
    expect([config.linux?.target, config.mac?.target, config.win?.target]).toEqual([
      ...[['AppImage', 'deb'], 'dmg', 'nsis'],
    ]);
    const extensions = (from: Configuration['win']) =>
      [config.fileAssociations, from?.fileAssociations].flat().map((association) => association?.ext);
    expect(extensions(config.linux)).toEqual(['inter', 'csv', 'tsv', 'jsonl', 'parquet']);
    expect(extensions(config.mac)).toEqual(extensions(config.linux));
    // Whoever registers an extension there takes it away from the program that had it.
    expect(extensions(config.win).filter(Boolean)).toEqual(['inter']);
    // A deb names it, and is not made without.
    expect(JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')).homepage).toMatch(/^https:/);
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
