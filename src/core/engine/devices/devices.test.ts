import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { UserError } from '../../errors.ts';
import type { DeviceContext, DeviceId } from '../types.ts';
import { chooseDevice, DeviceChecks, type DeviceState, deviceChecks, probeIn } from './checks.ts';
import { missingLibrary } from './fetched-libraries.ts';
import { openDevice } from './index.ts';
import type { openTested } from './kinds.ts';
import { OnnxDeviceContext } from './onnx-session.ts';
import { compareWithCpu, copySpeed, productSpeed } from './speed.ts';

const state = (id: DeviceId, usable: boolean, preferred: boolean): DeviceState => ({
  id,
  title: id,
  usable,
  preferred,
  detail: `detail of ${id}`,
});

it('all that TensorFlow for Node calls of TensorFlow.js when it is loaded is installed', () => {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs') as Record<string, unknown>;
  const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const source = readFileSync(join(folder, 'dist', 'index.js'), 'utf8');
  const called = Array.from(source.matchAll(/\btf\.(\w+)\(/g), ([, name]) => name);
  expect(called).toContain('registerBackend');
  expect(called.filter((name) => typeof tf[name] !== 'function')).toEqual([]);
});

describe('the devices of this machine', () => {
  it('are listed with one line each that says what to do about it', async () => {
    const devices = await deviceChecks.list();
    expect(devices.map(({ id }) => id)).toEqual(['cuda', 'webgpu', 'tfjs-gpu', 'cpu']);
    for (const { usable, preferred, detail } of devices) {
      expect(detail).not.toMatch(/[\n\r]/);
      expect(detail.length).toBeGreaterThan(0);
      if (!usable) {
        expect(preferred).toBe(false);
        expect(detail).toMatch(/; (needs|reinstall)/);
      }
    }
    const [, webgpu, tensorflow, cpu] = devices;
    expect(cpu).toMatchObject({ usable: true, preferred: true, detail: 'ready' });
    if (webgpu.usable) {
      expect(webgpu.detail).toMatch(
        /^(ready, faster|slower) than the CPU here \([\d.]+ against [\d.]+ GFLOP\/s\)/,
      );
      expect(webgpu.preferred).toBe(webgpu.detail.startsWith('ready'));
    }
    if (!tensorflow.usable)
      expect(tensorflow.detail).toMatch(
        /needs TensorFlow: fetch 2\.9\.1 .* npm run setup:tfjs -- --tensorflow FOLDER/,
      );
  });

  it('are refused by name where they cannot be used, and chosen by preference where none is named', async () => {
    const devices = await deviceChecks.list();
    for (const { id, usable, detail } of devices) {
      const opening = openDevice(id, { threads: 1 });
      if (usable) await opening.then(({ context }) => context.dispose());
      else
        await expect(opening).rejects.toMatchObject({
          name: 'UserError',
          message: `device "${id}" cannot be used: ${detail}`,
        });
    }
    expect(await deviceChecks.auto()).toEqual(chooseDevice(await deviceChecks.list('window')));
  });

  it('are given a minute by drivers that hang, and the CPU ten, which a busy machine slows', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const checks = new DeviceChecks(
      probeIn(({ end }) => ({ send: () => {}, kill: () => end(null, 'SIGKILL') })),
    );
    const cpu = checks.check('cpu');
    const webgpu = checks.check('webgpu');
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await webgpu).detail).toMatch(/^the smoke test did not end in 60 seconds/);
    const first = Promise.race([cpu, Promise.resolve('asked')]);
    expect(await first).toBe('asked');
    await vi.advanceTimersByTimeAsync(540_000);
    expect((await cpu).detail).toMatch(/^the smoke test did not end in 600 seconds/);
  });

  it('are opened as they were chosen for "auto"', async () => {
    const known = { id: 'cpu', reason: 'not cuda (no driver)' } as const;
    const { context, reason } = await openDevice(known, { threads: 1 });
    expect([context.id, reason]).toEqual(['cpu', known.reason]);
    await context.dispose();
  });

  it('do not include one that nobody knows', async () => {
    await expect(deviceChecks.check('tpu' as DeviceId)).rejects.toThrow(UserError);
    await expect(openDevice('tpu' as DeviceId, { threads: 1 })).rejects.toThrow(
      /unknown device "tpu"; choose one of: auto, cuda, webgpu, tfjs-gpu, cpu/,
    );
  });
});

describe('a probe that dies', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it.each([
    ['process.kill(process.pid,9)', /^the smoke test ended with (signal SIGKILL|exit code \d+); /],
    ['process.exit(3)', /^the smoke test ended with exit code 3; /],
  ])('by %s is an answer', async (code, detail) => {
    vi.resetModules();
    vi.stubEnv('NODE_OPTIONS', `--import=data:text/javascript,${code}`);
    const fresh = await import('./checks.ts');
    const answer = await fresh.deviceChecks.check('cpu');
    expect(answer).toMatchObject({ usable: false, preferred: false });
    expect(answer.detail).toMatch(detail);
    await expect(fresh.deviceChecks.auto()).rejects.toThrow(/^no device can be used: cuda \(/);
  });
});

describe('a device asked for by name', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.doUnmock('./kinds.ts');
    vi.resetModules();
  });

  /** The devices, where this is the CPU. */
  async function devicesWith(open: () => Promise<DeviceContext>) {
    const kinds = await import('./kinds.ts');
    const deviceKinds = kinds.deviceKinds.map((kind) => (kind.id === 'cpu' ? { ...kind, open } : kind));
    vi.resetModules();
    vi.doMock('./kinds.ts', () => ({ ...kinds, deviceKinds, openTested: untested }));
    return import('./index.ts');
  }

  it.skipIf(missingLibrary('cuda') === null)('is known without a process to lack its library', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.exit(3)');
    expect((await new DeviceChecks().check('cuda')).detail).toMatch(
      /^libonnxruntime_providers_cuda\.so is not installed; needs an NVIDIA GPU/,
    );
  });

  it('is tried without another process', async () => {
    vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.exit(3)');
    const device = stub(1);
    const fresh = await devicesWith(async () => device);
    expect((await fresh.openDevice('cpu', { threads: 1 })).context).toBe(device);
  });

  it('is refused where it cannot be used', async () => {
    const fresh = await devicesWith(() => Promise.reject(new Error('no such library.\nA second line.')));
    await expect(fresh.openDevice('cpu', { threads: 1 })).rejects.toMatchObject({
      details: { code: 'unusable-device' },
      message: 'device "cpu" cannot be used: no such library; reinstall with: npm ci',
    });
  });
});

describe('auto', () => {
  it('takes the first preferred device and says why not those before it', () => {
    expect(chooseDevice([state('cuda', true, true), state('cpu', true, true)])).toEqual({
      id: 'cuda',
      reason: 'first choice',
    });
    const slow = [state('cuda', false, false), state('webgpu', true, false), state('cpu', true, true)];
    expect(chooseDevice(slow)).toEqual({
      id: 'cpu',
      reason: 'not cuda (detail of cuda); not webgpu (detail of webgpu)',
    });
  });

  it('takes a slow device rather than none', () => {
    expect(chooseDevice([state('webgpu', true, false), state('cpu', false, false)]).id).toBe('webgpu');
    expect(() => chooseDevice([state('webgpu', false, false), state('cpu', false, false)])).toThrow(
      UserError,
    );
  });
});

/** A device whose products take a given time. */
/** Opens a device without its smoke test, which a stub could not pass. */
const untested: typeof openTested = ({ open }, options) => open(options);

function stub(milliseconds: number): DeviceContext {
  const run = () => sleep(milliseconds, {});
  return {
    id: 'webgpu',
    load: async () => {},
    read: async () => ({}),
    compile: async () => ({ run, release: async () => {} }),
    halfProducts: async () => ({ are: 'computed' }),
    dispose: async () => {},
  };
}

describe('a probe', () => {
  it.each([
    [false, { preferred: false, detail: 'ready, but it found no GPU and runs on the CPU' }],
    [
      true,
      {
        preferred: true,
        detail: expect.stringMatching(/^ready, faster than the CPU here .*; has float16 products$/) as string,
      },
    ],
  ])('of a fast device that says whether it has a GPU, %s', async (gpu, answer) => {
    const deviceKinds = [
      { id: 'tfjs-gpu', open: async () => stub(1), hasGpu: () => gpu },
      { id: 'cpu', open: async () => stub(20) },
    ];
    vi.resetModules();
    vi.doMock('./kinds.ts', () => ({ deviceKinds, openTested: untested }));
    const { promise: answered, resolve } = Promise.withResolvers<unknown>();
    let ask = (_id: unknown) => {};
    vi.doMock('../../parent-channel.ts', () => ({
      listenToParent: (listener: typeof ask) => {
        ask = listener;
      },
      sendToParent: resolve,
    }));
    onTestFinished(() => {
      vi.doUnmock('./kinds.ts');
      vi.doUnmock('../../parent-channel.ts');
      vi.resetModules();
    });
    await import('./probe.ts');
    ask('tfjs-gpu');
    expect(await answered).toEqual({ usable: true, ...answer });
  });
});

describe('the comparison with the CPU', () => {
  it('tells a device that is slower from one that is faster', async () => {
    expect(await compareWithCpu(stub(40), stub(2))).toMatchObject({ preferred: false });
    const { preferred, detail } = await compareWithCpu(stub(2), stub(40));
    expect(preferred).toBe(true);
    expect(detail).toMatch(/^ready, faster than the CPU here \(\d+ against \d+ GFLOP\/s\)$/);
  });

  it('ends soon on a device that takes long', async () => {
    const start = performance.now();
    await compareWithCpu(stub(600), stub(1));
    expect(performance.now() - start).toBeLessThan(2500);
  });

  it('measures how fast what is trained is copied', async () => {
    const cpu = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    const speed = await copySpeed(cpu);
    expect(speed).toBeGreaterThan(0.05);
    expect(speed).toBeLessThan(1000);
    await cpu.dispose();
    // 128 MiB in ten milliseconds.
    const instant = {
      load: async () => {},
      compile: async () => ({
        run: () => new Promise((done) => setTimeout(done, 10)),
        release: async () => {},
      }),
    } as unknown as DeviceContext;
    expect(await copySpeed(instant)).toBeLessThan(15);
  });

  it('measures the CPU within reason', async () => {
    const cpu = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    const speed = await productSpeed(cpu, 256);
    expect(speed).toBeGreaterThan(0.5);
    expect(speed).toBeLessThan(1000);
    await cpu.dispose();
  });
});
