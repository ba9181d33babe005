import type { HomeCheck, HomeProgress } from '../../core/api/settings.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import { ownIdentity } from '../../core/process-identity.ts';
import { HeldDatabase } from '../../core/store/db/held-database.ts';
import { isHome } from '../../core/store/home/home-paths.ts';
import { checkHome } from '../data-folder/check.ts';
import { choiceFile, type Machine, type PendingMove, writeChoice } from '../data-folder/choice.ts';
import { defaultHome, type HomeSource } from '../data-folder/home.ts';
import { copyHome, isSameDisk, renameEntries, settleMove } from '../data-folder/move.ts';
import { Hub, type HubOptions } from './hub.ts';

export interface HubHolderOptions extends HubOptions {
  source: HomeSource;
  machine: Machine;
}

export interface ChangeHome {
  path: string;
  /** Moves the content of the current home. */
  move: boolean;
}

/** The hub that a shell serves: one at a time, replaced when the data folder changes. */
export class HubHolder {
  /** How the home of this session was chosen. */
  source: HomeSource;
  readonly #options: HubHolderOptions;
  readonly #choiceFile: string;
  #hub: Hub;
  /** The home is closed for a move. */
  #moving = false;
  /** A home that could not be opened again after a move. */
  #lost: string | null = null;

  /** Opens the home. Throws as `Hub` does. */
  constructor(options: HubHolderOptions) {
    this.#options = options;
    this.source = options.source;
    this.#choiceFile = choiceFile(options.machine);
    this.#hub = new Hub(options);
  }

  /** Throws UserError while the data folder is being moved, and where it cannot be opened since. */
  get hub(): Hub {
    if (this.#moving) throw new UserError('the data folder is being moved: wait until that is done');
    if (this.#lost !== null) this.#reopen(this.#lost);
    return this.#hub;
  }

  /** Starts working through the queue. */
  start(): void {
    this.hub.start();
  }

  /** Closes the hub, and tells the windows what they wait for. */
  async close(): Promise<void> {
    if (this.#moving || this.#lost !== null) return;
    const { bus, scheduler } = this.#hub;
    bus.emit({ type: 'closing', runs: scheduler.training });
    await this.#hub.close();
  }

  /** Checks a folder as a new data folder. Changes nothing. */
  check(path: string): HomeCheck {
    const { machine } = this.#options;
    const defaultFolder = defaultHome(machine);
    return checkHome(path, { home: this.#hub.store.home, defaultFolder, userFolder: machine.userFolder });
  }

  /** Why the home cannot be changed now, or null. */
  obstacle(): string | null {
    const { scheduler, imports } = this.hub;
    const { running } = scheduler.state();
    const importing = imports.list().find(({ status }) => status === 'running');
    if (importing)
      return `${importing.name} is being imported: wait for it or cancel it, then change the folder`;
    if (running.length === 0) return null;
    const names = running.slice(0, 3).map(({ run }) => run.name);
    const more = running.length > names.length ? ` and ${running.length - names.length} more` : '';
    const verb = running.length === 1 ? 'trains' : 'train';
    return `${names.join(', ')}${more} ${verb}: wait, or pause the queue's runs, then change the folder`;
  }

  /**
   * Switches to another data folder, for later sessions too. On any failure, the current home stays open as it
   * was. Throws UserError if the folder cannot be used or runs are training, and CancelledError when the signal fires.
   */
  async change(
    { path, move }: ChangeHome,
    onProgress: (progress: HomeProgress) => void,
    signal?: AbortSignal,
  ): Promise<string> {
    const { path: to, problem, moveProblem } = this.check(path);
    const refusal = this.obstacle() ?? (move ? moveProblem : problem);
    if (refusal !== null) throw new UserError(refusal);
    const { bus } = this.#hub;
    try {
      if (move) await this.#move(to, onProgress, signal);
      else await this.#switch(to);
      this.source = 'chosen';
      return this.#hub.store.home;
    } finally {
      // After a failure too: the same home may have been opened again.
      bus.emit({ type: 'home' });
    }
  }

  async #switch(to: string): Promise<void> {
    const next = this.#open(to);
    try {
      writeChoice(this.#choiceFile, { home: next.store.home, move: null });
    } catch (error) {
      await next.close();
      throw this.#notKept(error);
    }
    const before = this.#hub;
    this.#hub = next;
    this.#hub.start();
    await before.close();
  }

  async #move(to: string, onProgress: (progress: HomeProgress) => void, signal?: AbortSignal): Promise<void> {
    const { home } = this.#hub.store;
    this.#moving = true;
    try {
      await this.#hub.close();
      const database = await HeldDatabase.hold(home);
      let move: PendingMove;
      try {
        move = isSameDisk(home, to)
          ? { from: home, to, copied: null }
          : { from: await copyHome(home, to, database, { onProgress, signal }), to, copied: home };
      } finally {
        database.release();
      }
      this.#rename(home, move);
    } finally {
      this.#moving = false;
      this.#lost = isHome(home) ? home : to;
      this.#reopen(this.#lost);
    }
  }

  #reopen(home: string): void {
    this.#hub = this.#open(home);
    this.#lost = null;
    this.#hub.start();
  }

  /** Undoes the move if it cannot be finished. */
  #rename(home: string, move: PendingMove): void {
    try {
      writeChoice(this.#choiceFile, { home, move: { ...move, by: ownIdentity() } });
    } catch (error) {
      throw this.#notKept(error);
    }
    try {
      renameEntries(move.from, move.to);
    } catch (error) {
      renameEntries(move.to, move.from);
      writeChoice(this.#choiceFile, { home, move: null });
      throw new UserError(`${home} stays the data folder because it could not be moved: ${messageOf(error)}`);
    }
    settleMove(this.#choiceFile, move);
  }

  #notKept(error: unknown): UserError {
    return new UserError(
      `${this.#choiceFile} could not be written, so the choice cannot be stored: ${messageOf(error)}`,
    );
  }

  #open(home: string): Hub {
    const { shell, launch, host } = this.#options;
    return new Hub({ home, shell, launch, host });
  }
}
