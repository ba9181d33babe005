/**
 * Tries every GPU device of this machine: kernels against the CPU, a small training of every model, the same one twice, and
 * steps a second at the size of a preset, with float16 products too. Takes ten minutes at most and needs no network.
 *
 * usage: node bench/gpu/trial.ts DATA OUT     DATA: what pack.ts has made; OUT: a folder for report.txt and report.json
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DeviceState } from '../../src/core/engine/devices/checks.ts';
import { messageOf } from '../../src/core/errors.ts';
import { models } from '../../src/core/families/registry.ts';
import type { Kernels, Speed, Trained } from './answers.ts';

const run = promisify(execFile);
const [data, out] = process.argv.slice(2);
const LIMIT_MS = 10 * 60_000;
const PART_MS = 150_000;
const SPEED_MODELS = ['sasrec', 'hstu', 'dlrm', 'tiger'];
/** Later losses tell more of chaos than of kernels. */
const FIRST_LOSSES = 4;
const begun = performance.now();
const lines: string[] = [];
const found: Record<string, unknown> = {};

function say(line: string): void {
  lines.push(line);
  console.log(line);
}

/** The answer of one part, or why there is none. */
async function part<T>(...args: string[]): Promise<T | string> {
  const left = LIMIT_MS - (performance.now() - begun);
  if (left < 1000) return 'not tried: ten minutes are over';
  try {
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'part.ts'), data, ...args], {
      timeout: Math.ceil(Math.min(left, PART_MS)),
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
  } catch (error) {
    const { killed, signal, stderr = '' } = error as { killed?: boolean; signal?: string; stderr?: string };
    if (killed) return 'took too long';
    const said = stderr.split('\n').find((line) => /^\w*Error\b/.test(line));
    return `${signal ? `ended by ${signal}: ` : ''}${said?.trim() ?? messageOf(error).split('\n')[0]}`;
  }
}

async function said(command: string, ...args: string[]): Promise<string> {
  return run(command, args, { timeout: 10_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
}

async function machine(): Promise<void> {
  const drivers = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap((folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  });
  const gpu = await said(
    'nvidia-smi',
    '--query-gpu=name,driver_version,memory.total',
    '--format=csv,noheader',
  );
  found.machine = { system: `${os.type()} ${os.release()} ${os.arch()}`, processor: os.cpus()[0]?.model };
  Object.assign(found.machine as object, {
    cores: os.availableParallelism(),
    gpu,
    drivers,
    node: process.version,
  });
  for (const [name, value] of Object.entries(found.machine as object)) say(`${name.padEnd(10)} ${value}`);
}

async function devices(): Promise<DeviceState[]> {
  const states = await part<DeviceState[]>('devices');
  found.devices = states;
  if (typeof states === 'string') {
    say(`devices    ${states}`);
    return [];
  }
  for (const { id, usable, detail } of states) say(`${id.padEnd(10)} ${usable ? 'usable' : 'no'}: ${detail}`);
  return states.filter(({ usable }) => usable);
}

async function kernels(device: string): Promise<unknown> {
  const answer = await part<Kernels>('kernels', device);
  if (typeof answer === 'string') say(`kernels    ${answer}`);
  else {
    say(`kernels    ${answer.cases} cases with gradients, ${answer.disagreements.length} values differ`);
    for (const line of answer.disagreements.slice(0, 20)) say(`           ${line}`);
  }
  return answer;
}

/** The largest difference of first losses, as a share of the loss. */
function apart(a: Trained, b: Trained): number {
  const shared = Math.min(FIRST_LOSSES, a.losses.length, b.losses.length);
  const shares = a.losses
    .slice(0, shared)
    .map((loss, at) => Math.abs(loss - b.losses[at]) / Math.max(Math.abs(loss), 1e-12));
  return Math.max(0, ...shares);
}

const isEqual = (a: Trained, b: Trained) =>
  JSON.stringify([a.losses, a.metrics]) === JSON.stringify([b.losses, b.metrics]);

async function trainings(device: string): Promise<unknown> {
  const answers: Record<string, unknown> = {};
  for (const { id, kind, configSchema } of models) {
    if (kind === 'fitted' || !('learningRate' in configSchema.shape)) continue;
    const first = await part<Trained>('trained', device, id);
    const again = typeof first === 'string' ? first : await part<Trained>('trained', device, id);
    const here = typeof first === 'string' ? first : await part<Trained>('trained', 'cpu', id);
    answers[id] = { first, again, here };
    if (typeof first === 'string') say(`  ${id.padEnd(18)} ${first}`);
    else {
      const twice =
        typeof again === 'string' ? again : isEqual(first, again) ? 'the same twice' : 'NOT the same twice';
      const near =
        typeof here === 'string' ? here : `losses within ${apart(here, first).toExponential(1)} of the CPU's`;
      say(`  ${id.padEnd(18)} ${near}, ${twice}, ${first.seconds.toFixed(1)} s`);
    }
  }
  return answers;
}

async function speeds(usable: readonly string[]): Promise<void> {
  const answers: Record<string, unknown> = {};
  found.speeds = answers;
  say('steps a second, one thread of the CPU');
  for (const id of SPEED_MODELS) {
    for (const device of usable) {
      // The CPU only rounds to float16.
      for (const precision of device === 'cpu' ? ['float32'] : ['float32', 'float16']) {
        const answer = await part<Speed>('speed', device, id, precision);
        answers[`${id} ${device} ${precision}`] = answer;
        const text =
          typeof answer === 'string' ? answer : (answer.stepsPerSecond?.toPrecision(3) ?? 'too few');
        const preset = typeof answer === 'string' ? '' : (answer.preset ?? '');
        say(`  ${id.padEnd(8)} ${preset.padEnd(8)} ${device.padEnd(10)} ${precision} ${text}`);
      }
    }
  }
}

mkdirSync(out, { recursive: true });
await machine();
const usable = await devices();
for (const { id } of usable.filter(({ id }) => id !== 'cpu')) {
  say(`\non ${id}`);
  found[id] = { kernels: await kernels(id), trainings: await trainings(id) };
}
say('');
await speeds(usable.map(({ id }) => id));
say(`\n${((performance.now() - begun) / 1000).toFixed(0)} s in all`);
writeFileSync(join(out, 'report.txt'), `${lines.join('\n')}\n`);
writeFileSync(join(out, 'report.json'), `${JSON.stringify(found, null, 1)}\n`);
console.log(`The report is in ${join(out, 'report.txt')}; report.json has every number.`);
