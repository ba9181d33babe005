import type { CliCommand } from '../command.ts';
import { type DeviceBenchOptions, requireBench, timedDevices } from '../device-bench.ts';
import { setting } from '../options.ts';
import { factLines } from '../terminal/text-table.ts';

/** `devices`: which devices can be used, why not the others, and which is the fastest for a model. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('devices')
    .summary('show which devices can be used, why not the others, and which is fastest')
    .description(
      'Probes every device in its own process and says which can be used, in order of preference. With --bench it also trains ' +
        'a model on each for some seconds, keeps nothing of it, and proposes the fastest.',
    )
    .option('--bench', 'train on every usable device for some seconds')
    .option('--model <id>', 'model to train with --bench (default: sasrec)')
    .option('--preset <name>', "one of the model's presets")
    .option('--set <key=value>', 'setting of the model; repeatable', setting)
    .option('--dataset <name>', 'data set to train on: name or id (default: a generated sample)')
    .examples(
      'tessera devices',
      'tessera devices --json',
      'tessera devices --bench',
      'tessera devices --bench --dataset ml-1m --model hstu --preset ml-1m-large',
    )
    .answer(async (context, options: DeviceBenchOptions) => {
      requireBench(options);
      if (options.bench) return timedDevices(context, options);
      const { deviceChecks } = await import('../../../core/engine/devices/checks.ts');
      const devices = await deviceChecks.list();
      const facts = devices.map(
        ({ id, usable, title, detail }) =>
          [id, `${usable ? 'usable' : 'no    '}  ${title}: ${detail}`] as const,
      );
      return [devices, factLines(facts)];
    });
}
