import { expect, it } from 'vitest';
import { HOST_FACTS } from '../../../../test/store/host-facts.ts';
import { hostSchema } from '../../../core/api/hosts.ts';
import { CancelledError } from '../../../core/errors.ts';
import { systemClock } from '../../../core/machine.ts';
import type { Question } from '../../workers/agent/questions.ts';
import type { HostLink } from './host-link.ts';
import { Submissions } from './submissions.ts';

it('lets go at once of a run that is cancelled while it waits for others, which are submitted without it', async () => {
  const asked: Question[] = [];
  const link = {
    facts: async () => HOST_FACTS,
    ask: async (question: Question) => {
      asked.push(question);
      return true;
    },
  } as Partial<HostLink> as HostLink;
  const sent = Promise.withResolvers<void>();
  const submissions = new Submissions(link, { ...systemClock, sleep: () => sent.promise });
  const { slurm } = hostSchema.parse({ name: 'box' });
  const abort = new AbortController();
  const begin = (name: string, { signal }: AbortController) =>
    submissions.withOthers(() => submissions.submit(name, [], slurm, signal));
  const cancelled = begin('cancelled', abort);
  const other = begin('other', new AbortController());
  abort.abort();
  await expect(cancelled).rejects.toThrow(CancelledError);
  expect(asked).toEqual([]);
  sent.resolve();
  await other;
  expect(asked).toMatchObject([{ op: 'submit', runs: ['other'] }]);
});
