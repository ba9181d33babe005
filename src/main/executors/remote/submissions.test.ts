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
  let beginning = 3;
  const submissions = new Submissions(link, { ...systemClock, sleep: () => sent.promise }, () => beginning);
  const { slurm } = hostSchema.parse({ name: 'box' });
  const abort = new AbortController();
  const cancelled = submissions.submit('cancelled', [], slurm, abort.signal);
  const other = submissions.submit('other', [], slurm, new AbortController().signal);
  abort.abort();
  await expect(cancelled).rejects.toThrow(CancelledError);
  expect(asked).toEqual([]);
  beginning = 1;
  sent.resolve();
  await other;
  expect(asked).toMatchObject([{ op: 'submit', runs: ['other'] }]);
});
