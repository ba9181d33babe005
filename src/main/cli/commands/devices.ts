import type { Command } from 'commander';
import { answer, contextOf } from '../context.ts';
import { examples } from '../help.ts';
import { factLines } from '../terminal/text-table.ts';

/** `devices`: which devices can be used, and why not the others. */
export function addCommand(parent: Command): void {
  parent
    .command('devices')
    .summary('show which devices can be used, and why not the others')
    .description('Probes every device in its own process and says which can be used, in order of preference.')
    .addHelpText('after', examples('tessera devices', 'tessera devices --json'))
    .action(async (_options: object, command: Command) => {
      const { listDevices } = await import('../../../core/engine/index.ts');
      const devices = await listDevices();
      answer(contextOf(command), devices, () =>
        factLines(
          devices.map(({ id, usable, title, detail }) => [
            id,
            `${usable ? 'usable' : 'no    '}  ${title}: ${detail}`,
          ]),
        ),
      );
    });
}
