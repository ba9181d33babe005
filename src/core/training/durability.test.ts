/** What a power cut leaves: the order in which checkpoints are written, synced, renamed, told and removed. */
import type fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { float32 } from '../engine/types.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { JournalWriter } from './journal.ts';

const { steps } = vi.hoisted(() => ({ steps: [] as string[] }));

vi.mock('node:fs', async (load) => {
  const real = await load<typeof fs>();
  const opened = new Map<unknown, string>();
  /** ".last-3.json.0a1b2c3d.partial" is "last-3.json.partial". */
  const name = (path: unknown) =>
    opened.get(path) ?? basename(String(path)).replace(/^\.(.*)\.[0-9a-f]{8}\.partial$/, '$1.partial');
  const spy = (method: keyof typeof fs, told: (...parameters: unknown[]) => string) => {
    const call = real[method] as (...parameters: unknown[]) => unknown;
    return {
      [method]: (...parameters: unknown[]) => {
        steps.push(told(...parameters));
        return call(...parameters);
      },
    };
  };
  const writes = ['writeSync', 'writevSync', 'writeFileSync', 'appendFileSync', 'truncateSync'] as const;
  const spied = Object.assign(
    {
      openSync: (...parameters: Parameters<typeof fs.openSync>) => {
        const file = real.openSync(...parameters);
        opened.set(file, name(parameters[0]));
        return file;
      },
    },
    ...writes.map((method) => spy(method, (path) => `write ${name(path)}`)),
    spy('copyFileSync', (_from, to) => `write ${name(to)}`),
    spy('fsyncSync', (file) => `sync ${name(file)}`),
    spy('renameSync', (from, to) => `rename ${name(from)} to ${name(to)}`),
    spy('rmSync', (path) => `remove ${name(path)}`),
    spy('unlinkSync', (path) => `remove ${name(path)}`),
  );
  return { ...real, ...spied, default: { ...real, ...spied } };
});

const WHOLE = [
  ...['write F.partial', 'sync F.partial', 'rename F.partial to F'],
  // Windows cannot sync a folder.
  ...(process.platform === 'win32' ? [] : ['sync checkpoints']),
];

/** A file that appears whole, as `steps` say it; the writes of one file in a row count as one. */
const whole = (file: string) => WHOLE.map((step) => step.replaceAll('F', file));

it('a checkpoint is synced before it has its name, and has its name before it is told and an older one goes', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'tessera-durable-'));
  onTestFinished(() => rmSync(runDir, { recursive: true, force: true }));
  const keeper = new CheckpointKeeper(runDir, (event) => {
    if (event.type === 'checkpoint') steps.push(`tell ${basename(event.checkpoint.path)}`);
  });
  const tensors = { w: { spec: float32(3), data: Float32Array.of(1, 2, 3) } };
  const save = (step: number) => {
    steps.length = 0;
    const state = { epoch: step, step, bestValue: 1, bestEpoch: step, validationsSinceBest: 0, seconds: 0 };
    keeper.saveBest(tensors, state);
    keeper.saveLast(tensors, state);
    return steps.filter((one, at) => one !== steps[at - 1]);
  };
  const saved = (step: number) =>
    ['best', 'last'].flatMap((kind) => [
      ...whole(`${kind}-${step}.json`),
      ...whole(`${kind}-${step}.safetensors`),
      `tell ${kind}-${step}.safetensors`,
    ]);
  expect(save(1)).toEqual(saved(1));
  expect(save(2)).toEqual(saved(2));
  const removed = ['best', 'last'].flatMap((kind) => [
    `remove ${kind}-1.safetensors`,
    `remove ${kind}-1.json`,
  ]);
  expect(save(3)).toEqual([...saved(3), ...removed]);
});

it('a journal is synced where its writer says so, when it begins and when it ends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-durable-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  steps.length = 0;
  const journal = new JournalWriter(join(folder, 'events'));
  const done = (work: () => unknown) => {
    work();
    return steps.splice(0);
  };
  expect(steps.splice(0)).toEqual(['write events', 'sync events']);
  expect(done(() => journal.append([{ type: 'log', level: 'info', message: 'x' }]))).toEqual([
    'write events',
  ]);
  expect(done(() => journal.sync())).toEqual(['sync events']);
  expect(done(() => journal.close())).toEqual(['sync events']);
});
