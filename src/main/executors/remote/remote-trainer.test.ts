import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RESULT } from '../../../../test/store/records.ts';
import { JournalWriter } from '../../../core/training/journal.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { SshError } from '../ssh/ssh-error.ts';
import type { RemoteJournals } from './journals.ts';
import { PLACE, type TrainerStatus } from './launcher.ts';
import { type RemoteHost, RemoteTrainer, type RemoteTrainerOptions } from './remote-trainer.ts';

const GONE: TrainerStatus = { place: PLACE, ended: { exitCode: 0, outcome: 'interrupted', detail: null } };

/** What a training that completes writes. */
function wholeJournal(): Buffer {
  const path = join(mkdtempSync(join(tmpdir(), 'tessera-there-')), 'events.jsonl');
  const writer = new JournalWriter(path);
  writer.append([{ type: 'result', time: 1, result: RESULT }]);
  writer.close();
  return readFileSync(path);
}

/** A training there, of which the first looks and connections fail in turn. */
function training(failures: unknown[], options: Partial<RemoteTrainerOptions> = {}) {
  const calls: string[] = [];
  const waited: number[] = [];
  const bytes = wholeJournal();
  const fail = () => {
    const error = failures.shift();
    if (error !== undefined) throw error;
  };
  const host: RemoteHost = {
    root: '/there',
    connection: { host: 'box', run: async () => '' } as unknown as SshConnection,
    launcher: {
      launch: async () => {},
      status: async () => {
        fail();
        return { place: PLACE, ended: null };
      },
      kill: async () => void calls.push('kill'),
    },
    journals: {
      read: async (_: string, offset: number) => bytes.subarray(offset),
    } as unknown as RemoteJournals,
  };
  const journal = join(mkdtempSync(join(tmpdir(), 'tessera-here-')), 'run', 'events-1-1.jsonl');
  mkdirSync(dirname(journal));
  const places: string[] = [];
  const trainer = new RemoteTrainer(
    {
      ...{ journal, offset: 0, ending: null, name: 'run-1', place: PLACE, begin: null },
      connect: async () => host,
      onEnding: () => (hasEnded) => void calls.push(`ended ${hasEnded}`),
      ...{ pollMs: 100, graceMs: 1_000 },
      pause: async (ms, signal) => {
        waited.push(ms);
        await setImmediate();
        signal.throwIfAborted();
      },
      ...options,
    },
    {
      onReport: () => {},
      onPlace: ({ phase, detail }) => places.push([phase, detail].filter(Boolean).join(': ')),
    },
  );
  return { trainer, calls, places, waited, host, journal };
}

describe('a training on another machine', () => {
  it.each([
    ['a key that is refused', new SshError('denied', 'box did not let you in')],
    ['a changed key', new SshError('changed-key', 'box: its host key has changed')],
    ['a question that fails', new SshError('failed', 'box: fork: Resource temporarily unavailable')],
    ['a full disk there', new SshError('no-room', 'box: the disk is full')],
    ['a full disk here', Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })],
  ])('is not given up for %s: it is tried until that is mended', async (_, error) => {
    const lost = new SshError('lost', 'box: lost');
    const { trainer, calls, places, waited } = training([error, error, lost]);
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    expect(places).toContain(`unreachable: ${error.message}`);
    expect([calls, waited]).toEqual([[], [15_000, 30_000, 5_000]]);
  });

  it('is tried ever more slowly, at once where its user says so, and can be given up', async () => {
    const denied = new SshError('denied', 'box did not let you in');
    let tries = 0;
    let resume = () => {};
    const connect = async () => {
      tries++;
      throw denied;
    };
    const waited: number[] = [];
    const pause = (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        waited.push(ms / 1000);
        resume = resolve;
        signal.addEventListener('abort', reject, { once: true });
      });
    const { trainer, calls } = training([], { connect, pause });
    for (let at = 0; at < 8; at++) {
      await expect.poll(() => waited).toHaveLength(at + 1);
      resume();
    }
    expect(waited).toEqual([15, 30, 60, 120, 240, 480, 600, 600]);
    await expect.poll(() => waited).toHaveLength(9);
    trainer.look();
    await expect.poll(() => tries).toBe(10);
    trainer.cancel();
    trainer.cancel();
    expect(await trainer.ended).toMatchObject({ kind: 'cancelled' });
    // It is to be ended there once the key is accepted.
    expect(calls).toEqual(['ended false']);
  });

  it('fails before it has begun, and what was sent is to be removed', async () => {
    const begin = async () => {
      throw new SshError('no-room', 'box: the disk is full');
    };
    const { trainer, calls } = training([], { begin });
    expect(await trainer.ended).toMatchObject({ kind: 'failed', message: 'box: the disk is full' });
    expect(calls).toEqual(['ended false']);
  });

  it('keeps what it made there until all of it can be named and hashed', async () => {
    const { trainer, host, places } = training([]);
    const scripts: string[] = [];
    host.connection.run = async ({ script, what }) => {
      scripts.push(what);
      // A file that cannot be read has no hash.
      return script.includes('find .') && scripts.length === 1 ? ' ./checkpoints/best-1.safetensors\n' : '';
    };
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    expect(places).toContain(
      'unreachable: box: what is listed of the run cannot be read: " ./checkpoints/best-1.safetensors"',
    );
    expect(scripts).toEqual(['listing what was made', 'listing what was made', 'cleaning up']);
  });

  it('that is over where it is followed again ends as it was told, and is not asked again', async () => {
    const told = { kind: 'completed' as const, message: null, log: null };
    const { trainer, journal, host, calls } = training([], { ending: told });
    writeFileSync(journal, '');
    host.launcher.status = async () => GONE;
    expect(await trainer.ended).toEqual(told);
    expect(calls).toEqual([]);
  });
});
