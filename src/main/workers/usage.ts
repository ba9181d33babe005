/** What a trainer takes of its machine, told by itself: no other process has to look at it. */
import { spawn } from 'node:child_process';
import type { TrainerEvent, UsageSample } from '../../core/training/events.ts';
import { watchEnergy } from './energy.ts';

const INTERVAL_MS = 2_000;

type Usage = Extract<TrainerEvent, { type: 'usage' }>;
type GpuUsage = Pick<UsageSample, 'gpu' | 'gpuMemory'>;

const NO_GPU: GpuUsage = { gpu: null, gpuMemory: null };

/** On Linux a process begins with the peak of the one that started it. */
const inheritedPeak = peakMemory();

/** In bytes. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Adds samples to the events of a training, from its start to its result: one every two seconds, and a last one. */
export function withUsage(emit: (event: TrainerEvent) => void): (event: TrainerEvent) => void {
  let stop = () => {};
  return (event) => {
    if (event.type === 'result') stop();
    emit(event);
    if (event.type === 'started') stop = startSampling(event.device, emit);
  };
}

/** Returns a function that takes the last sample. */
function startSampling(device: string, emit: (event: Usage) => void): () => void {
  const gpu = device === 'cpu' ? null : watchGpu();
  const energy = watchEnergy();
  let before = { time: Date.now(), cpu: process.cpuUsage() };
  const sample = () => {
    const time = Date.now();
    const { user, system } = process.cpuUsage(before.cpu);
    const cpu = (user + system) / 10 / Math.max(1, time - before.time);
    before = { time, cpu: process.cpuUsage() };
    const memory = process.memoryUsage.rss();
    const peak = peakMemory();
    const use = gpu?.latest() ?? NO_GPU;
    emit({
      type: 'usage',
      sample: { time, cpu, memory, ...use, energy: energy() },
      peakMemory: peak > inheritedPeak ? peak : memory,
    });
  };
  const timer = setInterval(sample, INTERVAL_MS).unref();
  return () => {
    clearInterval(timer);
    sample();
    gpu?.stop();
  };
}

/**
 * The first NVIDIA GPU, by one long-lived process that prints a line every two seconds and ends with its reader; without the
 * tool nothing is known.
 */
function watchGpu(): { latest(): GpuUsage; stop(): void } {
  let latest = NO_GPU;
  const query = ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits', '--id=0'];
  const child = spawn('nvidia-smi', [...query, '--loop-ms', String(INTERVAL_MS)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  child.on('error', () => {});
  child.unref();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    latest = parseGpuLine(text.trim().split('\n').at(-1) ?? '');
  });
  return { latest: () => latest, stop: () => child.kill() };
}

/** Parses "37, 2048", percent and MiB; a value that is not a number, such as "[N/A]", is null. */
function parseGpuLine(line: string): GpuUsage {
  const [percent, mebibytes] = line.split(',').map((part) => Number.parseFloat(part));
  return {
    gpu: Number.isFinite(percent) ? percent : null,
    gpuMemory: Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null,
  };
}
