/** A process that writes the journal of a run: JOURNAL heeds|deaf. It ends once it is asked to stop, unless it is deaf. */
import { setTimeout as wait } from 'node:timers/promises';
import { JournalWriter } from '../../src/core/training/journal.ts';

const [path, how] = process.argv.slice(2);
const journal = new JournalWriter(path);
while (how === 'deaf' || journal.request() === null) await wait(50);
journal.append([{ type: 'failed', time: Date.now(), outcome: 'cancelled', message: null, log: null }]);
journal.close();
