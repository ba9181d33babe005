import { expect, it } from 'vitest';
import { HOST_FACTS as facts } from '../../../../test/store/host-facts.ts';
import { type HostFacts, hostSchema } from '../../../core/api/hosts.ts';
import { hostVerdict } from '../../../core/host-words.ts';
import { instructionsOf } from '../../../core/processor.ts';
import { connectionLine, gpuLine, numbersLine, schedulerLine, spaceLine, timeLine } from './lines.ts';
import type { Machine } from './machine.ts';

const host = (job: object = {}) =>
  hostSchema.parse({ name: 'box', job: { ...hostSchema.parse({ name: 'x' }).job, ...job } });

const partition = { isDefault: false, nodes: 2, cores: 64, memoryBytes: 1e11, timeLimit: null, gres: null };
const cluster = (...partitions: object[]): HostFacts => ({
  ...facts,
  scheduler: {
    kind: 'slurm',
    version: '23.11',
    accounting: true,
    partitions: partitions.map((given) => ({ ...partition, name: '', ...given })),
  },
});

const machine: Machine = {
  node: null,
  processor: { model: 'A', instructions: 'avx2 fma' },
  numbers: { digest: 'x', losses: [5, 4] },
  devices: [
    { id: 'cuda', usable: false, preferred: false, detail: 'no driver' },
    { id: 'cpu', usable: true, preferred: true, detail: 'ready' },
  ],
  gpus: [],
  internet: false,
};

it('says what a clock that is an hour ahead does', () => {
  const who = { user: 'ada', hostname: 'login1', port: '22' };
  expect(connectionLine(who, facts, 38.2)).toMatchObject({ state: 'ok', aside: '38 ms' });
  expect(connectionLine(who, { ...facts, clockSkewSeconds: 3600 }, 38)).toMatchObject({
    state: 'note',
    text: expect.stringMatching(/its clock is 1 h 0 min ahead of this machine's/),
  });
});

it('says that a system ends what was started there, of one without a cluster', () => {
  const ends = { ...facts, endsAtLogout: true };
  expect(schedulerLine(host(), ends)).toMatchObject({
    state: 'note',
    text: expect.stringContaining('run "loginctl enable-linger" there'),
  });
  expect(schedulerLine(host(), facts).state).toBe('ok');
  expect(schedulerLine(host(), { ...cluster(), endsAtLogout: true }).state).toBe('ok');
});

it('offers a partition with a longer time limit, of the same kind of nodes', () => {
  const short = { name: 'gpu-short', isDefault: true, timeLimit: '4:00:00', gres: 'gpu:a100:4' };
  const long = { ...short, name: 'gpu-long', isDefault: false, timeLimit: '2-00:00:00' };
  const cpu = { name: 'cpu', timeLimit: null };
  expect(timeLine(host(), cluster(cpu, short, long))).toMatchObject({
    state: 'note',
    text: '4 h 0 min on gpu-short; longer runs continue by themselves',
    remedy: { title: 'Use gpu-long', action: { changes: { job: { partition: 'gpu-long' } } } },
  });
  expect(timeLine(host({ partition: 'gpu-long' }), cluster(cpu, short, long)).state).toBe('ok');
  expect(timeLine(host({ time: '1:00:00' }), cluster(short, long))).toMatchObject({ state: 'ok' });
  expect(timeLine(host({ time: '9:00:00' }), cluster(short, long))).toMatchObject({
    state: 'problem',
    remedy: { command: 'tessera host add box --time 4:00:00' },
  });
  expect(timeLine(host(), facts)).toEqual({ state: 'ok', text: 'none' });
});

it('names the GPUs there, and why a device does not use them', () => {
  const gpus = ['NVIDIA A100, 81920 MiB', 'NVIDIA A100, 81920 MiB'];
  expect(gpuLine(host(), facts, { ...machine, gpus })).toMatchObject({
    state: 'note',
    text: '2 × NVIDIA A100, 81920 MiB, but no device uses it; cuda: no driver',
  });
  const works = machine.devices.map((device) => ({ ...device, usable: true, preferred: true }));
  expect(gpuLine(host(), facts, { ...machine, gpus, devices: works })).toMatchObject({
    state: 'ok',
    text: '2 × NVIDIA A100, 81920 MiB, used by cuda',
  });
  const unasked = cluster({ name: 'gpu', isDefault: true, gres: 'gpu:a100:4' });
  expect(gpuLine(host(), unasked, machine)).toMatchObject({
    state: 'note',
    remedy: { command: 'tessera host add box --gpus 1' },
  });
  const none = machine.devices.map((device) => ({ ...device, usable: false }));
  expect(gpuLine(host(), facts, { ...machine, devices: none }).state).toBe('problem');
});

it('tells another kind of CPU from other numbers', () => {
  const other = { model: 'B', instructions: 'avx2 avx512f' };
  const digits = { digest: 'y', losses: [5, 4.00001] };
  expect(numbersLine(machine, machine).text).toBe(
    'a small training has the same bits as here, on the same kind of CPU, A',
  );
  expect(numbersLine(machine, { ...machine, processor: other, numbers: digits })).toEqual({
    state: 'note',
    text: 'another kind of CPU, B there and A here: the last digits of a run may differ',
  });
  const wrong = { digest: 'z', losses: [5, 7] };
  expect(numbersLine(machine, { ...machine, numbers: wrong }).state).toBe('problem');
  expect(instructionsOf('processor: 0\nflags\t\t: fpu sse4_1 avx2 fma sha_ni\n')).toBe('avx2 fma sse4_1');
});

it('sums up a check', () => {
  const low = {
    key: 'space',
    aside: null,
    remedy: null,
    ...spaceLine(host(), { ...facts, freeBytes: 1e9 }),
  } as const;
  const report = { at: 0, seconds: 1, facts, lines: [low] };
  expect(hostVerdict(report)).toEqual({ fact: 'is ready', limit: 'one thing to know' });
  expect(hostVerdict({ ...report, lines: [] })).toEqual({ fact: 'is ready', limit: null });
  // What an earlier version kept.
  expect(hostSchema.parse({ name: 'box', report: { lines: [{ what: 'Space' }] } }).report).toBeNull();
  // Of a version to come.
  const later = { ...report, facts: { ...facts, scheduler: { kind: 'later' } } };
  expect(hostSchema.parse({ name: 'box', report: later }).report).toBeNull();
  expect(hostSchema.parse({ name: 'box', report }).report).toEqual(report);
});
