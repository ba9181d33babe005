import { expect, it } from 'vitest';
import { HOST_FACTS, SLURM_FACTS } from '../../../../test/store/host-facts.ts';
import { hostSchema } from '../../../core/api/hosts.ts';
import { CancelledError } from '../../../core/errors.ts';
import { systemClock } from '../../../core/machine.ts';
import type { Question } from '../../workers/agent/questions.ts';
import type { HostLink } from './host-link.ts';
import { Submissions } from './submissions.ts';

it('lets go at once of a run that is cancelled while it waits for others, which are submitted without it', async () => {
  const asked: Question[] = [];
  const link = {
    facts: async () => ({ ...HOST_FACTS, scheduler: SLURM_FACTS }),
    ask: async (question: Question) => {
      asked.push(question);
      return { refused: [], why: null };
    },
  } as Partial<HostLink> as HostLink;
  const sent = Promise.withResolvers<void>();
  const submissions = new Submissions(link, { ...systemClock, sleep: () => sent.promise });
  const { job } = hostSchema.parse({ name: 'box' });
  const abort = new AbortController();
  const begin = (name: string, { signal }: AbortController) =>
    submissions.withOthers(() => submissions.submit(name, [], job, signal));
  const cancelled = begin('cancelled', abort);
  const other = begin('other', new AbortController());
  abort.abort();
  await expect(cancelled).rejects.toThrow(CancelledError);
  expect(asked).toEqual([]);
  sent.resolve();
  await other;
  expect(asked).toMatchObject([{ op: 'submit', runs: ['other'] }]);
});

it('submits by halves what a cluster takes no array of, and fails no run for a cluster that is full', async () => {
  const asked: string[][] = [];
  const link = {
    name: 'box',
    facts: async () => ({ ...HOST_FACTS, scheduler: SLURM_FACTS }),
    ask: async ({ runs }: Extract<Question, { op: 'submit' }>) => {
      asked.push(runs);
      const why = { what: 'submitting', code: 1, said: 'sbatch: error: QOSMaxSubmitJobPerUserLimit' };
      // "b" has a job of an earlier try.
      const refused = runs.length > 1 || runs[0] === 'd' ? runs.filter((name) => name !== 'b') : [];
      return { refused, why: refused.length > 0 ? why : null };
    },
  } as Partial<HostLink> as HostLink;
  const submissions = new Submissions(link, { ...systemClock, sleep: async () => {} });
  const { job } = hostSchema.parse({ name: 'box' });
  const { signal } = new AbortController();
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => submissions.submit(name, [], job, signal));
  const said = await Promise.allSettled(all);
  expect(said.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'fulfilled'],
    ...['rejected', 'rejected'],
  ]);
  expect(said[3]).toMatchObject({
    reason: { message: expect.stringMatching(/no more jobs/), exitCode: null },
  });
  expect(asked).toEqual([['a', 'b', 'c', 'd', 'e'], ['a', 'c'], ['a'], ['c'], ['d']]);
});
