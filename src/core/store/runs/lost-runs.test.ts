import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { asProcess } from '../../../../test/store/as-process.ts';
import { ENDED, ForeignWriter } from '../../../../test/store/foreign-writer.ts';
import { addRun, temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { RESULT } from '../../../../test/store/records.ts';
import type { TrainerEvent } from '../../training/events.ts';
import { JournalWriter, readJournal } from '../../training/journal.ts';
import { frame } from '../../training/journal-lines.ts';
import { openConnection } from '../db/open.ts';
import { takeInForeignRuns } from '../others/foreign-runs.ts';
import { Store } from '../store.ts';
import { settleLostRuns } from './lost-runs.ts';
import { recordEvents } from './record-events.ts';

const line = (message: string): TrainerEvent => ({ type: 'log', level: 'info', message });

/** As long as it was, by a process that has ended. */
function withEndedWriter(path: string): void {
  const bytes = readFileSync(path);
  const end = bytes.indexOf('\n') + 1;
  const opened = { type: 'opened', time: 1, version: 1, process: ENDED };
  const short = frame(Buffer.from(JSON.stringify(opened))).length;
  const padding = ' '.repeat(Math.max(0, end - short));
  const padded = frame(Buffer.from(JSON.stringify(opened).replace('{', `{${padding}`)));
  expect(padded.length).toBe(end);
  writeFileSync(path, Buffer.concat([padded, bytes.subarray(end)]));
}

it('a run whose host and trainer have ended has each event of its journal once', () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const { id } = addRun(store);
  const host = new Store(home, openConnection(home), asProcess(ENDED));
  const attempt = host.lifecycle.begin(id, null);
  mkdirSync(store.runs.folder(id), { recursive: true });
  const path = join(store.runs.folder(id), host.lifecycle.journal(id, attempt) ?? '');
  const journal = new JournalWriter(path);
  journal.append([line('first')]);
  const part = readJournal(path, 0);
  host.transaction(() => {
    recordEvents(host, id, part.events);
    host.lifecycle.setJournalOffset(id, attempt, part.offset);
  });
  host.close();
  journal.append([line('second'), { type: 'result', result: RESULT, time: 1_790_000_000_000 }]);
  // More than is read at once comes behind the end.
  for (let at = 0; at < 6; at++) journal.append([line(`${at}`.repeat(1_000_000))]);
  journal.close();
  withEndedWriter(path);
  expect(settleLostRuns(store)).toEqual([id]);
  expect(store.runs.get(id)).toMatchObject({ status: 'completed', endedAt: 1_790_000_000_000 });
  expect(store.logs.list(id).map(({ message }) => message[0])).toEqual([...'fs012345']);
});

it('a run of another program of which something can never be stored fails alone', () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const writers = ['bad', 'good'].map((name) => new ForeignWriter(home, { name }, ENDED));
  for (const writer of writers) writer.write({ type: 'finished', metrics: {} });
  // On a busy machine a look comes to one alone.
  for (const _ of writers) takeInForeignRuns(store);
  const setStated = store.foreign.setStated.bind(store.foreign);
  vi.spyOn(store.foreign, 'setStated').mockImplementation((id, metrics) => {
    if (id === writers[0].id) throw new Error('no place for it');
    setStated(id, metrics);
  });
  while (store.lifecycle.lost().length > 0) settleLostRuns(store);
  expect(writers.map(({ id }) => store.runs.get(id)).map(({ status, message }) => [status, message])).toEqual(
    [
      ['failed', 'no place for it'],
      ['completed', null],
    ],
  );
});
