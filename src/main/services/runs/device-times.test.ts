import { expect, it } from 'vitest';
import { CancelledError, UserError } from '../../../core/errors.ts';
import { fastestOf, timeDevices } from './device-times.ts';
import type { ProbeRequest } from './probes.ts';

const request = { model: 'sasrec', config: {}, dataset: 'd', threads: 1 };
const devices = (['cuda', 'webgpu', 'tfjs-gpu', 'cpu'] as const).map((id) => ({
  id,
  usable: id !== 'cuda',
  detail: 'no driver',
}));

function probesThat(measure: (device: string) => { seconds: number | null; validated: boolean }) {
  const asked: string[] = [];
  return {
    asked,
    measure: async ({ device }: ProbeRequest) => {
      asked.push(device);
      return { device, parameters: 1, finished: false, memoryBytes: 7, ...measure(device) };
    },
  };
}

it('times every usable device in turn, and says why of each whose time is unknown', async () => {
  const probes = probesThat((device) => {
    if (device === 'tfjs-gpu') throw new UserError('out of memory');
    return { seconds: device === 'cpu' ? 60 : 50, validated: device === 'cpu' };
  });
  expect(await timeDevices(probes, request, devices)).toEqual([
    { device: 'cuda', seconds: null, memoryBytes: null, note: 'no driver' },
    { device: 'webgpu', seconds: 50, memoryBytes: 7, note: 'without validation' },
    { device: 'tfjs-gpu', seconds: null, memoryBytes: null, note: 'out of memory' },
    { device: 'cpu', seconds: 60, memoryBytes: 7, note: null },
  ]);
  expect(probes.asked).toEqual(['webgpu', 'tfjs-gpu', 'cpu']);
});

it('ends when it is cancelled', async () => {
  const probes = probesThat(() => {
    throw new CancelledError();
  });
  await expect(timeDevices(probes, request, devices)).rejects.toThrow(CancelledError);
  expect(probes.asked).toEqual(['webgpu']);
});

it('proposes the fastest, as clear only where the next one is a tenth slower', () => {
  const time = (device: 'cpu' | 'webgpu', seconds: number | null) => ({
    ...{ device, seconds, memoryBytes: null, note: null },
  });
  expect(fastestOf([time('webgpu', 50), time('cpu', 60)])).toEqual({ device: 'webgpu', isClear: true });
  expect(fastestOf([time('webgpu', 60), time('cpu', 58)])).toEqual({ device: 'cpu', isClear: false });
  expect(fastestOf([time('webgpu', null), time('cpu', 58)])).toEqual({ device: 'cpu', isClear: true });
  expect(fastestOf([time('webgpu', null)])).toBeNull();
});
