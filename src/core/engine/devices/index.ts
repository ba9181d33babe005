import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import type { DeviceContext, DeviceId, DeviceOptions } from '../types.ts';
import type { DeviceKind } from './kinds.ts';
import { deviceKinds } from './kinds.ts';

export interface DeviceState {
  id: DeviceId;
  title: string;
  usable: boolean;
  /** What it is, or why it cannot be used and what to do. */
  detail: string;
}

const PROBE_TIMEOUT_MS = 60_000;
const checks = new Map<DeviceId, Promise<DeviceState>>();

/**
 * Opens the device and runs the smoke test in a process of its own, since a broken driver can abort it;
 * once a process. Never throws: the reason is in `detail`.
 */
export function checkDevice(id: DeviceId): Promise<DeviceState> {
  const known = checks.get(id);
  if (known) return known;
  const check = probe(kindOf(id));
  checks.set(id, check);
  return check;
}

function probe(kind: DeviceKind): Promise<DeviceState> {
  const { id, title, advice } = kind;
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./probe.ts', import.meta.url)), [id], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: PROBE_TIMEOUT_MS,
    });
    let answer: { usable: boolean; detail: string } | null = null;
    child.on('message', (message) => {
      answer = message as { usable: boolean; detail: string };
    });
    child.on('error', (error) => {
      answer = { usable: false, detail: error.message };
    });
    child.on('close', (code, signal) => {
      const { usable, detail } = answer ?? {
        usable: false,
        detail: `the smoke test ended with ${signal ? `signal ${signal}` : `exit code ${code}`}`,
      };
      resolve({ id, title, usable, detail: usable ? detail : `${detail}; ${advice}` });
    });
  });
}

/** Every device with its state, in the order in which `auto` prefers them. */
export async function listDevices(): Promise<DeviceState[]> {
  const states: DeviceState[] = [];
  for (const { id } of deviceKinds) states.push(await checkDevice(id));
  return states;
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
 * Opens the asked device, or for `auto` the first usable one, and says why.
 * @throws UserError when a device asked for by name cannot be used.
 */
export async function openDevice(
  choice: DeviceId | 'auto',
  options: DeviceOptions,
): Promise<{ context: DeviceContext; reason: string }> {
  if (choice !== 'auto') {
    const state = await checkDevice(choice);
    if (!state.usable) throw new UserError(`device "${choice}" cannot be used: ${state.detail}`);
    return { context: await kindOf(choice).open(options), reason: 'asked for' };
  }
  const passed: string[] = [];
  for (const kind of deviceKinds) {
    const state = await checkDevice(kind.id);
    if (state.usable) {
      const reason = passed.length === 0 ? 'first choice' : `not ${passed.join('; not ')}`;
      return { context: await kind.open(options), reason };
    }
    passed.push(`${kind.id} (${state.detail})`);
  }
  throw new UserError(`no device can be used: ${passed.join('; ')}`);
}
