import type { ChosenDevice } from '../../../core/engine/types.ts';
import type { Clock } from '../../../core/machine.ts';

/** Devices are probed in a few seconds; a broken driver may never answer. */
const AUTO_DEVICE_MS = 30_000;

interface AutoDeviceOptions {
  /** The device that "auto" stands for on this machine; null where that cannot be told. Never rejects. */
  find(): Promise<ChosenDevice | null>;
  /** How long the queue waits for that answer. Default: half a minute. */
  waitMs?: number;
  clock: Clock;
  /** An answer has come for which the queue no longer waited. */
  onLate(): void;
}

/** What "auto" stands for, asked for once however often the queue wants to know. */
export class AutoDevice {
  readonly #options: AutoDeviceOptions;
  #request: Promise<ChosenDevice | null> | null = null;
  /** The queue no longer waits for the answer. */
  #late = false;

  constructor(options: AutoDeviceOptions) {
    this.#options = options;
  }

  /** Null where nobody can tell now: then its runs wait, and the others go on. */
  async ask(): Promise<ChosenDevice | null> {
    this.#request ??= this.#options.find();
    const [request, late] = [this.#request, this.#late];
    const { promise: over, resolve } = Promise.withResolvers<undefined>();
    const ms = late ? 0 : (this.#options.waitMs ?? AUTO_DEVICE_MS);
    const timer = this.#options.clock.after(ms, () => resolve(undefined)).unref();
    const device = await Promise.race([request, over]);
    timer.stop();
    if (device !== undefined) this.#request = null;
    else if (!late) void request.then(this.#options.onLate);
    this.#late = device === undefined;
    return device ?? null;
  }
}
