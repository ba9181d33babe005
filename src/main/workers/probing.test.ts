import { afterEach, expect, it, vi } from 'vitest';
import { DeviceChecks } from '../../core/engine/devices/checks.ts';
import { forkLauncher } from './launch.ts';
import { probeWith } from './probing.ts';

afterEach(() => vi.unstubAllEnvs());

it('a device is probed in a worker of its own, which ends with its answer', async () => {
  const endings: unknown[] = [];
  const launch = forkLauncher();
  const checks = new DeviceChecks(
    probeWith((entry, listeners) =>
      launch(entry, {
        ...listeners,
        end: (code, signal) => {
          endings.push(signal ?? code);
          listeners.end(code, signal);
        },
      }),
    ),
  );
  expect(await checks.check('cpu')).toMatchObject({ usable: true, preferred: true, detail: 'ready' });
  await expect.poll(() => endings).toEqual(['SIGKILL']);
});

it('a worker that dies is an answer', async () => {
  vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.exit(3)');
  const checks = new DeviceChecks(probeWith(forkLauncher()));
  const { usable, detail } = await checks.check('cpu', 'window');
  expect([usable, detail]).toEqual([false, 'the smoke test ended with exit code 3; reinstall Tessera']);
});
