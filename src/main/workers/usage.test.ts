import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { RESULT } from '../../../test/store/records.ts';
import type { TrainerEvent } from '../../core/training/events.ts';
import { withUsage } from './usage.ts';

const started = (device: string): TrainerEvent => ({
  type: 'started',
  device,
  deviceReason: '',
  parameters: 0,
  environment: {},
  fromStep: 0,
});

/** Where the tool is found that tells of the GPU: a script that prints lines. */
function fakeTool(...lines: string[]): void {
  const folder = temporaryHome();
  const path = join(folder, 'nvidia-smi');
  const prints = lines.map((line) => `echo "${line}"`).join('\n');
  writeFileSync(path, `#!/bin/sh\n${prints}\nexec sleep 60\n`);
  chmodSync(path, 0o700);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const samplesOf = (events: readonly TrainerEvent[]) =>
  events.flatMap((event) => (event.type === 'usage' ? event : []));

it('a training tells what it takes every two seconds, and once more before its result', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const events: TrainerEvent[] = [];
  const emit = withUsage((event) => events.push(event));
  emit(started('cpu'));
  for (const before = process.cpuUsage(); process.cpuUsage(before).user < 20_000; );
  vi.advanceTimersByTime(4_100);
  emit({ type: 'result', result: RESULT });
  vi.advanceTimersByTime(10_000);
  expect(events.map(({ type }) => type)).toEqual(['started', 'usage', 'usage', 'usage', 'result']);
  const [{ sample, peakMemory }] = samplesOf(events);
  expect(sample.cpu).toBeGreaterThan(0);
  expect(sample.memory).toBeGreaterThan(20e6);
  expect(peakMemory).toBeGreaterThanOrEqual(0.9 * (sample.memory ?? 0));
  expect([sample.gpu, sample.gpuMemory]).toEqual([null, null]);
});

it.skipIf(process.platform === 'win32')('it looks at the GPU only where it trains on one', async () => {
  const lines = async (device: string, ...printed: string[]) => {
    fakeTool(...printed);
    const events: TrainerEvent[] = [];
    const emit = withUsage((event) => events.push(event));
    emit(started(device));
    await wait(500);
    emit({ type: 'result', result: RESULT });
    const [{ sample }] = samplesOf(events);
    return [sample.gpu, sample.gpuMemory];
  };
  expect(await lines('webgpu', '1, 2', '37, 2048')).toEqual([37, 2048 * 2 ** 20]);
  expect(await lines('cuda', '[N/A], 3')).toEqual([null, 3 * 2 ** 20]);
  expect(await lines('cpu', '37, 2048')).toEqual([null, null]);
});
