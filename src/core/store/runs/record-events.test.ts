import { expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../../test/store/home.ts';
import type { TrainerEvent } from '../../training/events.ts';
import { BEATEN, NOT_BEATEN } from '../../training/standing.ts';
import { recordEvents } from './record-events.ts';

it('a line that is said once stays one where a run resumes, and its page says it until it is beaten', () => {
  const store = temporaryStore();
  const { id } = addRun(store);
  const say = (once: string, rest: string): TrainerEvent => ({
    ...{ type: 'log', level: 'warn', message: `${once}: ${rest}`, once },
  });
  expect(store.logs.standing(id)).toBeNull();
  for (const rest of ['first', 'again']) recordEvents(store, id, [say(NOT_BEATEN, rest)]);
  expect(store.logs.list(id).map(({ message }) => message)).toEqual([`${NOT_BEATEN}: first`]);
  expect(store.logs.standing(id)).toBe(`${NOT_BEATEN}: first`);
  recordEvents(store, id, [say(BEATEN, 'at last')]);
  expect(store.logs.standing(id)).toBeNull();
});
