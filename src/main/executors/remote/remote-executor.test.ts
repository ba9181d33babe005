import { expect, it } from 'vitest';
import { HOST_FACTS } from '../../../../test/store/host-facts.ts';
import { hostSchema } from '../../../core/api/hosts.ts';
import { systemClock } from '../../../core/machine.ts';
import type { Question } from '../../workers/agent/questions.ts';
import { SshError } from '../ssh/ssh-error.ts';
import type { HostLink } from './host-link.ts';
import { RemoteExecutor } from './remote-executor.ts';

it('ends the other runs that are left there where one cannot be removed', async () => {
  const left = new Set(['stuck', 'run']);
  const asked: string[] = [];
  const link = {
    name: 'box',
    facts: async () => HOST_FACTS,
    ask: async (question: Question) => {
      asked.push(question.op);
      if (question.op === 'remove' && question.name === 'stuck')
        throw new SshError('failed', 'box: remove failed: .nfs1: Device or resource busy', undefined, 1);
      return true;
    },
  } as Partial<HostLink> as HostLink;
  const runs = {
    list: () => [...left],
    add: (name: string) => left.add(name),
    remove: (name: string) => left.delete(name),
  };
  const clock = { ...systemClock, after: (_: number, work: () => void) => systemClock.after(20, work) };
  new RemoteExecutor(link, () => hostSchema.parse({ name: 'box' }).job, runs, clock).endLeft();
  await expect.poll(() => [...left]).toEqual(['stuck']);
  expect(asked.slice(0, 4)).toEqual(['end', 'remove', 'end', 'remove']);
  left.clear();
});
