/** Which device of this machine trains a model fastest. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duration, memoryText } from '../../core/documents/format.ts';
import { UserError } from '../../core/errors.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { Store } from '../../core/store/store.ts';
import { program } from '../data-folder/command-line.ts';
import { type Answer, type CommandContext, print, withStore } from './context.ts';
import { textTable } from './terminal/text-table.ts';

export interface DeviceBenchOptions {
  bench?: boolean;
  model?: string;
  preset?: string;
  set?: Record<string, unknown>;
  dataset?: string;
}

const MODEL = 'sasrec';
/** At MovieLens-1M's size, which a GPU is meant for; the sample has fewer items. */
const PRESET = 'ml-1m';
const HEADINGS = ['Device', 'Whole training', 'Memory', 'Note'];

/** Throws UserError for what the training itself would refuse. */
export async function timedDevices(context: CommandContext, options: DeviceBenchOptions): Promise<Answer> {
  const { dataset } = options;
  if (dataset !== undefined)
    return withStore(context, (store) => timed(store, dataset, { ...options, context }));
  const home = mkdtempSync(join(tmpdir(), 'tessera-devices-'));
  const store = openStore(home);
  try {
    const { importSample, SAMPLE } = await import('../services/datasets.ts');
    await importSample(store);
    return await timed(store, SAMPLE, { ...options, context });
  } finally {
    store.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function timed(
  store: Store,
  dataset: string,
  { model = MODEL, preset, set = {}, context }: DeviceBenchOptions & { context: CommandContext },
): Promise<Answer> {
  const [{ resolveConfig }, { deviceChecks }, times, { ProbeService }, { LocalExecutor }, { threadsOf }] =
    await Promise.all([
      import('../../core/families/registry.ts'),
      import('../../core/engine/devices/checks.ts'),
      import('../services/runs/device-times.ts'),
      import('../services/runs/probes.ts'),
      import('../executors/local.ts'),
      import('../services/settings.ts'),
    ]);
  const named = preset ?? (model === MODEL ? PRESET : undefined);
  const config = resolveConfig(model, { preset: named, overrides: set });
  const { id, name } = store.datasets.find(dataset);
  const devices = await deviceChecks.list();
  const probes = new ProbeService(store, new LocalExecutor(), () => deviceChecks.auto());
  const found = await times.timeDevices(
    probes,
    { model, config, dataset: id, threads: threadsOf(store, undefined) },
    devices,
    {
      onDevice: (device) => {
        if (!context.json) print(`Training ${model} on ${device} for some seconds`);
      },
    },
  );
  const fastest = times.fastestOf(found);
  const tried = found.filter(({ device }) => devices.some(({ id, usable }) => id === device && usable));
  const rows = tried.map(({ device, seconds, memoryBytes, note }) => [
    device,
    duration(seconds),
    memoryText(memoryBytes),
    note ?? '',
  ]);
  const table = textTable(HEADINGS, rows, HEADINGS.slice(1, 3));
  const others = found.flatMap(({ device }) => (tried.some((one) => one.device === device) ? [] : [device]));
  const unusable =
    others.length === 0 ? '' : `\nNot usable: ${others.join(', ')} (${program()} devices says why).`;
  const what = `${model}${named === undefined ? '' : ` (${named})`} on ${name}`;
  return [
    { model, preset: named ?? null, dataset: name, devices: found, fastest },
    `\n${table}\n\n${proposal(fastest, what)}${unusable}`,
  ];
}

function proposal(fastest: { device: string; isClear: boolean } | null, what: string): string {
  if (fastest === null) return `No device has trained ${what}.`;
  const { device, isClear } = fastest;
  const only = `For ${what}, ${device} is the fastest here: --device ${device}.`;
  return isClear ? only : `${only} The next one is less than a tenth slower, within what times differ.`;
}

/** Options that belong to --bench. Throws UserError for one without it. */
export function requireBench({ bench, ...others }: DeviceBenchOptions): void {
  const [given] = Object.keys(others);
  if (!bench && given !== undefined) throw new UserError(`--${given} belongs to --bench`);
}
