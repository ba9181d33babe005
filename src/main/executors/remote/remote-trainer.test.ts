import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HOST_FACTS } from '../../../../test/store/host-facts.ts';
import { RESULT } from '../../../../test/store/records.ts';
import { systemClock } from '../../../core/machine.ts';
import { type JournalRequest, JournalWriter } from '../../../core/training/journal.ts';
import type { PlaceState } from '../../../core/training/place.ts';
import type { MadeFile, Question, SeenRun } from '../../workers/agent/questions.ts';
import { SshError } from '../ssh/ssh-error.ts';
import type { HostLink } from './host-link.ts';
import { HostWatch } from './host-watch.ts';
import { RemoteTrainer, type RemoteTrainerOptions } from './remote-trainer.ts';
import { PLACE } from './status.ts';

/** What a training that completes writes. */
function wholeJournal(): Buffer {
  const path = join(mkdtempSync(join(tmpdir(), 'tessera-there-')), 'events.jsonl');
  const writer = new JournalWriter(path);
  writer.append([{ type: 'result', time: 1, result: RESULT }]);
  writer.close();
  return readFileSync(path);
}

/** Of the clock. */
let elapsed = 0;

const FILE: MadeFile = { path: 'best.json', size: 1, hash: 'a'.repeat(64) };

/** A training there, of which the first questions of a kind fail in turn; no wait takes any time. */
function training(
  failures: { [op in Question['op']]?: Pick<unknown[], 'shift'> },
  options: Partial<RemoteTrainerOptions> = {},
) {
  const calls: string[] = [];
  const waited: number[] = [];
  const requests: (JournalRequest | null)[] = [];
  const bytes = wholeJournal();
  const link: HostLink = {
    name: 'box',
    isShared: true,
    facts: async () => HOST_FACTS,
    send: async () => [],
    close: async () => {},
    fetch: async () => void calls.push('fetch'),
    ask: async (question: Question) => {
      if (question.op === 'look') requests.push(question.runs[0].request);
      const error = failures[question.op]?.shift();
      if (error !== undefined) throw error;
      if (question.op !== 'look') calls.push(question.op);
      if (question.op === 'made') return [FILE] as never;
      if (question.op !== 'look') return true as never;
      const runs = question.runs.map(
        ({ name, offset }): SeenRun => ({
          ...{ name, state: 'runs', exitCode: null, job: null, starts: 1, bytes: bytes.length, log: null },
          closed: false,
          journal: bytes.subarray(offset).toString('base64'),
        }),
      );
      return { runs, freeBytes: 1, jobs: null, ahead: null, trouble: null } as never;
    },
  };
  const clock = {
    ...systemClock,
    elapsed: () => elapsed,
    sleep: async (ms: number, signal?: AbortSignal) => {
      waited.push(ms);
      await setImmediate();
      signal?.throwIfAborted();
    },
  };
  const journal = join(mkdtempSync(join(tmpdir(), 'tessera-here-')), 'run', 'events-1-1.jsonl');
  mkdirSync(dirname(journal));
  const places: string[] = [];
  const told: PlaceState[] = [];
  const trainer = new RemoteTrainer(
    {
      ...{ journal, offset: 0, ending: null, name: 'run-1', place: PLACE, begin: null, graceMs: 1_000 },
      ...{ link, clock, watch: new HostWatch(link, clock) },
      onLeft: async () => void calls.push('left'),
      ...options,
    },
    {
      onReport: () => {},
      onPlace: (place) => {
        told.push(place);
        places.push([place.phase, place.detail].filter(Boolean).join(': '));
      },
    },
  );
  return { trainer, calls, places, told, waited, requests, journal };
}

describe('a training on another machine', () => {
  it.each([
    ['a key that is refused', new SshError('denied', 'box did not let you in')],
    ['a changed key', new SshError('changed-key', 'box: its host key has changed')],
    ['a question that fails', new SshError('failed', 'box: fork: Resource temporarily unavailable')],
    ['a full disk there', new SshError('no-room', 'box: the disk is full')],
  ])('is not given up for %s: it is tried until that is mended', async (_, error) => {
    const lost = new SshError('lost', 'box: lost');
    const { trainer, calls, places, waited } = training({ look: [error, error, lost], made: [error, lost] });
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    expect(places).toContain(`unreachable: ${error.message}`);
    expect(places.at(-1)).toBe('fetching');
    expect([calls, waited.slice(0, 3)]).toEqual([
      ['made', 'fetch', 'remove'],
      [15_000, 30_000, 5_000],
    ]);
  });

  it('says that its user is asked where no other try helps, and remembers from when to when nothing was heard', async () => {
    const denied = new SshError('denied', 'box did not let you in');
    const lost = new SshError('lost', 'box: lost');
    const place = { ...PLACE, heardAt: Date.now() - 120_000 };
    const { trainer, told } = training({ look: [denied, lost] }, { place });
    await trainer.ended;
    const silent = told.filter(({ phase }) => phase === 'unreachable');
    expect(silent.map(({ asksUser }) => asksUser)).toEqual([true, undefined]);
    expect(told.at(-1)).toMatchObject({ asksUser: undefined, gaps: [[place.heardAt, expect.any(Number)]] });
  });

  it('is given up by its user alone, and is to be ended there once the key is accepted', async () => {
    const denied = new SshError('denied', 'box did not let you in');
    const all = { shift: () => denied };
    const { trainer, calls, waited } = training({ look: all, end: [denied] });
    await expect.poll(() => waited.length).toBeGreaterThan(8);
    expect(waited.slice(0, 8).map((ms) => ms / 1000)).toEqual([15, 30, 60, 120, 240, 480, 600, 600]);
    trainer.cancel();
    trainer.cancel();
    expect(await trainer.ended).toMatchObject({
      kind: 'cancelled',
      message: expect.stringContaining('it ends there once its host answers: box did not let you in'),
    });
    expect(calls).toEqual(['left']);
  });

  it('goes on where it is to stop and that is taken back before its machine has heard of it, and no later', async () => {
    const lost = new SshError('lost', 'box: lost');
    let isLost = true;
    const { trainer, waited } = training({ look: { shift: () => (isLost ? lost : undefined) } });
    await expect.poll(() => waited.length).toBeGreaterThan(1);
    trainer.cancel();
    expect([trainer.takeBack(), trainer.takeBack()]).toEqual([true, false]);
    isLost = false;
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    trainer.cancel();
    expect(trainer.takeBack()).toBe(false);
  });

  it('is told to go on where it was to end after its epoch and that is taken back, heard of or not', async () => {
    const lost = new SshError('lost', 'box: lost');
    let isLost = true;
    const { trainer, waited, requests } = training({ look: { shift: () => (isLost ? lost : undefined) } });
    trainer.stopAfterEpoch();
    await expect.poll(() => requests).toContain('stopAfterEpoch');
    trainer.goOn();
    const tries = waited.length;
    await expect.poll(() => waited.length).toBeGreaterThan(tries);
    isLost = false;
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    expect(requests.slice(requests.indexOf('goOn'))).not.toContain('stopAfterEpoch');
    // The answer to an earlier question may have been lost, and not the question.
    expect(requests).toContain('goOn');
  });

  it('fails before it has begun, and what was sent is to be removed', async () => {
    const full = new SshError('no-room', 'box: the disk is full');
    const begin = async () => {
      throw full;
    };
    const { trainer, calls } = training({}, { begin, place: null });
    expect(await trainer.ended).toMatchObject({ kind: 'failed', message: 'box: the disk is full' });
    expect(calls).toEqual(['left']);
  });

  it('fails where it is refused as it is started, and not where its answer is lost', async () => {
    const refused = new SshError('failed', 'box: submitting the job failed: Invalid partition', undefined, 1);
    const errors = [new SshError('denied', 'box did not let you in'), new SshError('lost', 'box: lost')];
    const begin: RemoteTrainerOptions['begin'] = async ({ onLaunch }) => {
      onLaunch();
      throw errors.shift() ?? refused;
    };
    const { trainer, calls, waited } = training({}, { begin, place: null });
    expect(await trainer.ended).toMatchObject({ kind: 'failed', message: refused.message });
    expect([calls, waited]).toEqual([['left'], [15_000, 5_000]]);
  });

  it('that may have begun goes on where it cannot be sent again', async () => {
    const full = new SshError('no-room', 'box: the disk is full', undefined, 1);
    const errors = [new SshError('lost', 'box: lost'), full];
    const begin: RemoteTrainerOptions['begin'] = async ({ onLaunch }) => {
      if (errors.length !== 1) onLaunch();
      const error = errors.shift();
      if (error) throw error;
    };
    const { trainer, calls } = training({}, { begin, place: null });
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    expect(calls).toEqual(['made', 'fetch', 'remove']);
  });

  it('that is cancelled while it is sent again leaves what was on its way to be removed', async () => {
    const lost = new SshError('lost', 'box: lost');
    let tries = 0;
    const begin: RemoteTrainerOptions['begin'] = async ({ onLaunch, signal }) => {
      if (tries++ > 0) return new Promise((_, reject) => signal.addEventListener('abort', reject));
      onLaunch();
      throw lost;
    };
    const { trainer, calls, places } = training({}, { begin, place: null });
    await expect.poll(() => [tries, places.at(-1)]).toEqual([2, 'submitted']);
    trainer.cancel();
    await trainer.ended;
    expect(calls.slice(-2)).toEqual(['remove', 'left']);
  });

  it('that is over where it is followed again ends as it was told, and is not asked again', async () => {
    const told = { kind: 'completed' as const, message: null, log: null };
    const { trainer, journal, calls } = training({ look: [new Error('asked')] }, { ending: told });
    writeFileSync(journal, '');
    expect(await trainer.ended).toEqual(told);
    expect(calls).toEqual(['made', 'fetch', 'remove']);
  });

  it('keeps its result where what it made cannot be fetched and its user gives that up', async () => {
    const denied = new SshError('denied', 'box did not let you in');
    const all = { shift: () => denied };
    const { trainer, calls, places } = training({ made: all });
    await expect.poll(() => places.at(-1)).toMatch(/^unreachable/);
    trainer.cancel();
    trainer.cancel();
    await setImmediate();
    expect(calls).toEqual([]);
    elapsed += 3_000;
    trainer.cancel();
    expect(await trainer.ended).toMatchObject({ kind: 'completed' });
    expect(calls.at(-1)).toBe('left');
  });
});
