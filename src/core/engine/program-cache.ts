import type { DeviceContext, Executable, Program } from './types.ts';

/** Programs of a device, each compiled once. */
export class ProgramCache {
  readonly #device: DeviceContext;
  readonly #compiled = new Map<string, Promise<Executable>>();

  constructor(device: DeviceContext) {
    this.#device = device;
  }

  /** The executable of a key. `program` makes it the first time, and again after a compilation that failed. */
  get(key: string, program: () => Program): Promise<Executable> {
    const known = this.#compiled.get(key);
    if (known) return known;
    const compiled = this.#device.compile(program());
    this.#compiled.set(key, compiled);
    compiled.catch(() => this.#compiled.delete(key));
    return compiled;
  }

  async release(): Promise<void> {
    const all = [...this.#compiled.values()];
    this.#compiled.clear();
    for (const executable of all) await (await executable).release();
  }
}
