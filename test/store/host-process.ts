/** A process that hosts a run of the fake trainer, so that a test can kill it: HOME start CONFIG | HOME resume RUN. */
import { join } from 'node:path';
import { openStore } from '../../src/core/store/open-store.ts';
import { LocalExecutor } from '../../src/main/executors/local.ts';
import { RunService } from '../../src/main/services/runs/runs.ts';

const [home, action, argument] = process.argv.slice(2);
const store = openStore(home);
const service = new RunService(
  store,
  new LocalExecutor(undefined, { entry: join(import.meta.dirname, 'fake-trainer.ts') }),
);
const fake = { model: 'fake', dataset: 'beauty', seed: 1, device: 'cpu', threads: 1, name: null } as const;
const handle =
  action === 'start' ? service.startNew({ ...fake, config: JSON.parse(argument) }) : service.resume(argument);
process.send?.(handle.run.id);
const run = await handle.ended;
store.close();
process.exitCode = run.status === 'completed' ? 0 : 1;
process.disconnect?.();
