/** Which devices this machine can use, without loading what opens them. */
import { fork } from 'node:child_process';
import { type Audience, composeMessage, messageOf, UserError } from '../../errors.ts';
import { processEntry } from '../../process-entry.ts';
import type { ChosenDevice, DeviceId } from '../types.ts';
import { deviceList, requireDevice } from './device-list.ts';
import { missingLibrary } from './fetched-libraries.ts';
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

/**
 * Opens the device and runs the smoke test in a process of its own, since a broken driver can abort it. Rejects where that
 * process gives no answer.
 */
export type ProbeDevice = (id: DeviceId) => Promise<ProbeAnswer>;

/** How long a probe may take. A driver may hang; the CPU has none, and is only slow where the machine is busy. */
const longestMs = (id: DeviceId) => (id === 'cpu' ? 600_000 : 60_000);

/** Checks each device once. */
export class DeviceChecks {
  readonly #probe: ProbeDevice;
  readonly #answers = new Map<DeviceId, Promise<ProbeAnswer>>();

  constructor(probe = probeIn(forkProbe)) {
    this.#probe = probe;
  }

  /**
   * A device that fails is an answer, not an error: the reason is in `detail`.
   * @throws UserError for an id that is no device.
   */
  async check(id: DeviceId, audience: Audience = 'cli'): Promise<DeviceState> {
    const { title, advice } = requireDevice(id, deviceList);
    const answer = this.#answers.get(id) ?? this.#ask(id).catch(unusable);
    this.#answers.set(id, answer);
    const { usable, preferred, detail } = await answer;
    const text = usable ? detail : composeMessage({ problem: detail, fix: advice }, audience);
    return { id, title, usable, preferred, detail: text };
  }

  /** The start of a process takes longer than all else, and most machines lack these libraries. */
  async #ask(id: DeviceId): Promise<ProbeAnswer> {
    const missing = missingLibrary(id);
    if (missing !== null) throw new UserError(missing);
    return this.#probe(id);
  }

  /** Every device with its state, in the order in which `auto` prefers them. The probes run side by side. */
  list(audience: Audience = 'cli'): Promise<DeviceState[]> {
    return Promise.all(deviceList.map(({ id }) => this.check(id, audience)));
  }

  /** The device that `auto` stands for on this machine. Throws UserError where none can be used. */
  async auto(): Promise<ChosenDevice> {
    // The reason is stored with runs, and shown in the window as well.
    return chooseDevice(await this.list('window'));
  }
}

/** The checks of this process. */
export const deviceChecks = new DeviceChecks();

const unusable = (error: unknown): ProbeAnswer => ({
  usable: false,
  preferred: false,
  detail: messageOf(error),
});

interface ProbeListeners {
  message(answer: unknown): void;
  end(code: number | null, signal: NodeJS.Signals | null): void;
  /** There is no process: why. */
  fail(problem: string): void;
}

/** Starts the process of a probe. */
type StartProbe = (listeners: ProbeListeners) => { send(id: DeviceId): void; kill(): void };

/** A probe in a process that gets the id of a device and is ended once it has answered, or takes too long. */
export function probeIn(start: StartProbe): ProbeDevice {
  return (id) =>
    new Promise((resolve, reject) => {
      const [started, longest] = [performance.now(), longestMs(id)];
      const fail = (problem: string) => reject(new UserError(`the smoke test ${problem}`));
      const child = start({
        message: (answer) => {
          resolve(answer as ProbeAnswer);
          child.kill();
        },
        end: (code, signal) => {
          clearTimeout(timer);
          if (performance.now() - started >= longest) fail(`did not end in ${longest / 1000} seconds`);
          else fail(`ended with ${signal ? `signal ${signal}` : `exit code ${code}`}`);
        },
        fail,
      });
      const timer = setTimeout(() => child.kill(), longest).unref();
      child.send(id);
    });
}

/** The process of a probe as a child of Node. */
function forkProbe({ message, end, fail }: ProbeListeners): ReturnType<StartProbe> {
  const child = fork(processEntry(import.meta.dirname, 'probe'), {
    // A debugger's flags must not reach the probe.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('message', message);
  child.on('error', (error) => fail(`could not start: ${error.message}`));
  child.on('close', end);
  return { send: (id) => child.send(id, () => {}), kill: () => child.kill('SIGKILL') };
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
