import type { CliCommand } from '../command.ts';
import { factLines } from '../terminal/text-table.ts';

/** `devices`: which devices can be used, and why not the others. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('devices')
    .summary('show which devices can be used, and why not the others')
    .description('Probes every device in its own process and says which can be used, in order of preference.')
    .examples('tessera devices', 'tessera devices --json')
    .answer(async () => {
      const { deviceChecks } = await import('../../../core/engine/devices/checks.ts');
      const devices = await deviceChecks.list();
      const facts = devices.map(
        ({ id, usable, title, detail }) =>
          [id, `${usable ? 'usable' : 'no    '}  ${title}: ${detail}`] as const,
      );
      return [devices, factLines(facts)];
    });
}
