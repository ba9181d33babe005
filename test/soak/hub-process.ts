/** A hub in a process of its own, as `serve` has it, that answers its parent's calls of the contract: HOME. */
import { createRouterClient } from '@orpc/server';
import { currentEnvironment } from '../../src/main/data-folder/choice.ts';
import { HubSwitch } from '../../src/main/hub/hub-switch.ts';
import { router } from '../../src/main/hub/router.ts';
import { forkLauncher } from '../../src/main/workers/launch.ts';

export type HubCall = { id: number; path: readonly string[]; input?: unknown };
export type HubAnswer = { id: number; value?: unknown; problem?: string };

const hubSwitch = new HubSwitch({
  home: process.argv[2],
  source: 'option',
  environment: currentEnvironment(),
  shell: 'browser',
  launch: forkLauncher(),
});
const client = createRouterClient(router, { context: { hubSwitch, readsAnywhere: true } });
type Procedure = (input: unknown) => Promise<unknown>;

async function answer({ id, path, input }: HubCall): Promise<HubAnswer> {
  try {
    if (path[0] === 'close') {
      await hubSwitch.close();
      return { id };
    }
    const procedure = path.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], client);
    return { id, value: await (procedure as Procedure)(input) };
  } catch (error) {
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (call: HubCall) => {
  void answer(call).then((message) => process.send?.(message));
});
process.on('disconnect', () => process.exit(0));
hubSwitch.start();
process.send?.({ id: 0 } satisfies HubAnswer);
