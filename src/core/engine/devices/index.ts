import { fork } from 'node:child_process';
import { type Audience, composeMessage, messageOf, UserError } from '../../errors.ts';
import { processEntry } from '../../process-entry.ts';
import type { ChosenDevice, DeviceContext, DeviceId, DeviceOptions } from '../types.ts';
import type { DeviceKind } from './kinds.ts';
import { deviceKinds, oneLine, withTested } from './kinds.ts';
import type { ProbeAnswer } from './probe.ts';

export interface DeviceState {
  id: DeviceId;
  title: string;
  usable: boolean;
  /** Whether `auto` may choose it: usable, and not slower than the CPU. */
  preferred: boolean;
  /** What it is, or why it cannot be used and what to do about that, in the words of an audience. */
  detail: string;
}

const PROBE_TIMEOUT_MS = 60_000;
const checks = new Map<DeviceId, Promise<ProbeAnswer>>();

/**
 * Opens the device and runs the smoke test in a process of its own, since a broken driver can abort it;
 * once a process. A device that fails is an answer, not an error: the reason is in `detail`.
 * @throws UserError for an id that is no device.
 */
export async function checkDevice(id: DeviceId, audience: Audience = 'cli'): Promise<DeviceState> {
  const { title, advice } = kindOf(id);
  const { usable, preferred, detail } = await probeOnce(id);
  const text = usable ? detail : composeMessage({ problem: detail, fix: advice }, audience);
  return { id, title, usable, preferred, detail: text };
}

function probeOnce(id: DeviceId, run = probe): Promise<ProbeAnswer> {
  const check = checks.get(id) ?? run(id).catch((error) => unusable(oneLine(messageOf(error))));
  checks.set(id, check);
  return check;
}

const unusable = (detail: string): ProbeAnswer => ({ usable: false, preferred: false, detail });

function probe(id: DeviceId): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = fork(processEntry(import.meta.dirname, 'probe'), [id], {
      // A debugger's flags must not reach the probe; inside Electron it has to run as Node.
      execArgv: [],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: PROBE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let answer: ProbeAnswer | null = null;
    child.on('message', (message) => {
      answer = message as ProbeAnswer;
    });
    child.on('error', (error) => resolve(unusable(`the smoke test could not start: ${error.message}`)));
    child.on('close', (code, signal) => {
      const late = performance.now() - started >= PROBE_TIMEOUT_MS;
      const ending = late
        ? `did not end in ${PROBE_TIMEOUT_MS / 1000} seconds`
        : `ended with ${signal ? `signal ${signal}` : `exit code ${code}`}`;
      resolve(answer ?? unusable(`the smoke test ${ending}`));
    });
  });
}

/** The probe of the CPU in this process: no graphics driver can abort it, and the start of another process is saved. */
function probeHere(id: DeviceId): Promise<ProbeAnswer> {
  return withTested(kindOf(id), async () => ({ usable: true, preferred: true, detail: 'ready' }));
}

/** Every device with its state, in the order in which `auto` prefers them. The probes run side by side. */
export function listDevices(audience: Audience = 'cli'): Promise<DeviceState[]> {
  return Promise.all(deviceKinds.map(({ id }) => checkDevice(id, audience)));
}

function kindOf(id: DeviceId): DeviceKind {
  const kind = deviceKinds.find((candidate) => candidate.id === id);
  if (!kind) {
    const known = deviceKinds.map((k) => k.id).join(', ');
    throw new UserError(`unknown device "${id}"; choose one of: auto, ${known}`);
  }
  return kind;
}

/**
 * Opens the requested device, or for `auto` the first that is preferred, and says why. `known`: what `auto` stands for on this
 * machine, which then is not found out again.
 * @throws UserError when a device requested by name cannot be used.
 */
export async function openDevice(
  choice: DeviceId | 'auto',
  options: DeviceOptions,
  known?: ChosenDevice,
): Promise<{ context: DeviceContext; reason: string }> {
  if (choice !== 'auto') {
    const { open, advice } = kindOf(choice);
    const { usable, detail } = await probeOnce(choice, choice === 'cpu' ? probeHere : probe);
    if (!usable) {
      throw new UserError({
        code: 'unusable-device',
        problem: `device "${choice}" cannot be used: ${detail}`,
        fix: advice,
      });
    }
    return { context: await open(options), reason: 'requested' };
  }
  const { id, reason } = known ?? (await autoDevice());
  return { context: await kindOf(id).open(options), reason };
}

/** The device that `auto` stands for on this machine. Throws UserError where none can be used. */
export async function autoDevice(): Promise<ChosenDevice> {
  // The reason is stored with runs, and shown in the window as well.
  return chooseDevice(await listDevices('window'));
}

/**
 * The first preferred device, else the first usable one, with the reason why those before it were passed over.
 * @throws UserError where none can be used.
 */
export function chooseDevice(states: readonly DeviceState[]): ChosenDevice {
  const chosen = states.find((state) => state.preferred) ?? states.find((state) => state.usable);
  const passed = states
    .slice(0, chosen ? states.indexOf(chosen) : states.length)
    .map(({ id, detail }) => `${id} (${detail})`);
  if (!chosen) throw new UserError(`no device can be used: ${passed.join('; ')}`);
  return { id: chosen.id, reason: passed.length === 0 ? 'first choice' : `not ${passed.join('; not ')}` };
}
