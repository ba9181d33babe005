import { dirname, isAbsolute, resolve } from 'node:path';
import type { HomeCheck } from '../../core/api/settings.ts';
import { UserError } from '../../core/errors.ts';
import { keepProgramLog } from '../../core/files/program-log.ts';
import { liesIn, readableFolders } from '../../core/files/readable.ts';
import type { Store } from '../../core/store/store.ts';
import { checkHome } from '../data-folder/check.ts';
import { type Environment, storeChoice } from '../data-folder/choice.ts';
import type { HomeSource } from '../data-folder/home.ts';
import { Hub, type HubOptions } from './hub.ts';

export interface HubSwitchOptions extends HubOptions {
  source: HomeSource;
  environment: Environment;
}

/** The hub that a shell serves: one at a time, replaced when the data folder changes. */
export class HubSwitch {
  /** How the home of this session was chosen. */
  source: HomeSource;
  /** Hears of the home that is opened in place of another one, before that is closed. */
  onChange: (store: Store) => void = () => {};
  readonly #options: HubSwitchOptions;
  /** What the browser may make or open a data folder in. */
  readonly #beside: string;
  #hub: Hub;

  /** Opens the home. Throws UserError if it cannot be used. */
  constructor(options: HubSwitchOptions) {
    this.#options = options;
    this.source = options.source;
    this.#beside = dirname(resolve(options.home));
    this.#hub = new Hub(options);
  }

  get hub(): Hub {
    return this.#hub;
  }

  /** Starts working through the queue. */
  start(): void {
    this.#hub.start();
  }

  /** Closes the hub, and tells the windows what they wait for. */
  async close(): Promise<void> {
    const { bus, scheduler } = this.#hub;
    bus.emit({ type: 'closing', runs: scheduler.training });
    await this.#hub.close();
  }

  /** Checks a folder as a new data folder. Changes nothing. Throws UserError for one that the browser may not even look at. */
  check(path: string): HomeCheck {
    if (readableFolders() !== null && isAbsolute(path) && !liesIn(this.#beside, path)) {
      throw new UserError(
        `${path}: from the browser a data folder in ${this.#beside} alone is opened; choose others with "tessera data-folder FOLDER"`,
      );
    }
    return checkHome(path, this.#hub.store.home, this.#options.environment);
  }

  /** Why the home cannot be changed now, or null. */
  obstacle(): string | null {
    const { scheduler, imports, work } = this.#hub;
    const { running } = scheduler.state();
    const importing = imports.list().find(({ status }) => status === 'running');
    if (importing)
      return `${importing.name} is being imported: wait for it or cancel it, then change the folder`;
    if (work.running)
      return `${work.running.name}: work is running: wait for it or stop it, then change the folder`;
    if (running.length === 0) return null;
    const names = running.slice(0, 3).map(({ run }) => run.name);
    const more = running.length > names.length ? ` and ${running.length - names.length} more` : '';
    const verb = running.length === 1 ? 'trains' : 'train';
    return `${names.join(', ')}${more} ${verb}: wait, or pause the queue's runs, then change the folder`;
  }

  /**
   * Switches to another data folder, for later sessions too, and returns it. On any failure, the current home stays open as it
   * was. Throws UserError if the folder cannot be used or runs are training.
   */
  async change(path: string): Promise<string> {
    const { path: to, problem } = this.check(path);
    const refusal = this.obstacle() ?? problem;
    if (refusal !== null) throw new UserError(refusal);
    const { shell, launch, host, environment } = this.#options;
    const before = this.#hub;
    // One that still works for the home before ends with it.
    const analyst = before.idleAnalyst;
    const keepsAnalyst = analyst !== undefined;
    const next = new Hub({ home: to, shell, launch, host, devices: before.devices, analyst });
    try {
      storeChoice(next.store.home, environment);
    } catch (error) {
      await next.close({ keepsAnalyst });
      throw error;
    }
    this.#hub = next;
    this.source = 'chosen';
    keepProgramLog(next.store.home);
    next.start();
    this.onChange(next.store);
    try {
      await before.close({ keepsAnalyst });
    } finally {
      before.bus.emit({ type: 'home' });
    }
    return next.store.home;
  }
}
