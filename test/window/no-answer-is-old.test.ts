/** Whatever happens in the program, an answer that a window holds on to is the one that it would be given now. */
import { getContractRouter, isContractProcedure } from '@orpc/contract';
import { expect, test, vi } from 'vitest';
import type { Meta } from '../../src/core/api/asking.ts';
import type { ApiClient } from '../../src/core/api/contract.ts';
import { contract } from '../../src/core/api/contract.ts';
import { type AppEvent, CHANGES } from '../../src/core/api/events.ts';
import { startShell } from '../desktop/browser-shell.ts';
import { unpack } from '../fixtures/old-home/answers.ts';
import { DAY, isWhole } from '../form.ts';
import { temporaryHome } from '../store/home.ts';
import { deedsOf, PLAN } from './deeds-of-a-home.ts';
import { type Asked, NOT_COMPARED, questionsOf } from './questions.ts';

vi.mock('../../src/renderer/state/connection.ts', () => ({ currentLink: () => new Promise(() => {}) }));

const { queryClient } = await import('../../src/renderer/state/api.ts');
const { refreshAfter } = await import('../../src/renderer/state/old-answers.ts');

const keyOf = ({ path, input }: Asked) => [path.split('.'), { type: 'query', input }];

/** Asks through the contract, an iterator to its end; a refusal is an answer, too. */
async function ask(client: ApiClient, { path, input }: Asked): Promise<unknown> {
  const [area, name] = path.split('.');
  const procedure = (client as unknown as Record<string, Record<string, (input: unknown) => unknown>>)[area][
    name
  ];
  try {
    const answer = await procedure(input);
    if (!isIterator(answer)) return plain(answer);
    for (;;) {
      const { done, value } = await answer.next();
      if (done) return plain(value);
    }
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}

const isIterator = (answer: unknown): answer is AsyncIterator<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;

/** As it crosses to the window. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
const isOld = (one: Asked) => queryClient.getQueryState(keyOf(one))?.isInvalidated === true;

test('every question of the contract is asked, or it is said why not', () => {
  const all = Object.entries<object>(contract).flatMap(([area, procedures]) =>
    Object.keys(procedures).flatMap((name) => {
      const procedure = getContractRouter(contract, [area, name]);
      const meta: Meta | null = isContractProcedure(procedure) ? procedure['~orpc'].meta : null;
      return meta !== null && meta.reads !== null ? [`${area}.${name}`] : [];
    }),
  );
  const ids = {
    ...{ run: 'r', other: 'o', dataset: 'd', study: 's', tokeniser: 't', language: 'l', clicks: 'c' },
    plan: 'p',
  };
  const asked = new Set(questionsOf(ids).map(({ path }) => path));
  expect([...asked, ...Object.keys(NOT_COMPARED)].toSorted()).toEqual(all.toSorted());
});

test('no answer differs from a fresh one after anything that happens', { timeout: 900_000 }, async () => {
  const home = temporaryHome();
  unpack(home);
  const { client, hub } = await startShell(home);
  const heard = new Set<AppEvent['type']>();
  let events = 0;
  const abort = new AbortController();
  void (async () => {
    for await (const event of hub.bus.subscribe(abort.signal)) {
      heard.add(event.type);
      events++;
      refreshAfter(event);
    }
  })();
  const { rows } = await client.runs.table({ archived: 'all' });
  const idOf = (name: string) => rows.find((row) => row.name === name)?.id ?? name;
  const { id: plan } = await client.plans.save({ text: PLAN });
  const ids = {
    plan,
    ...{ run: idOf('sasrec'), other: idOf('popularity'), dataset: 'sample', study: 'widths' },
    ...{ tokeniser: idOf('rq-vae'), language: idOf('brew'), clicks: idOf('dlrm') },
  };
  const questions = questionsOf(ids);
  const askAgain = async (some: readonly Asked[]) => {
    for (const one of some) queryClient.setQueryData(keyOf(one), await ask(client, one));
  };
  /** Until nothing is told of for a while: what follows from a deed has followed. */
  const settle = async (looks = 3) => {
    for (let quiet = 0; quiet < looks; ) {
      const before = events;
      await new Promise((resolve) => setTimeout(resolve, 250));
      quiet = events === before ? quiet + 1 : 0;
    }
  };
  await settle();
  await askAgain(questions);
  const stale: string[] = [];
  for (const [at, [name, deed]] of Object.entries(deedsOf({ client, hub, home, ids })).entries()) {
    await deed();
    await settle();
    // In the short form a third of them after each deed, another on each of three days.
    const third = questions.filter((_, question) => isWhole || (question + at + DAY) % 3 === 0);
    for (const one of third.filter((question) => !isOld(question))) {
      const [held, fresh] = [queryClient.getQueryData(keyOf(one)), await ask(client, one)];
      if (JSON.stringify(held) === JSON.stringify(fresh)) continue;
      // What another process does is looked for once a second, and a busy machine is late.
      for (let wait = 0; wait < 40 && !isOld(one); wait++) await settle(1);
      if (!isOld(one)) stale.push(`${name}: ${one.path} ${JSON.stringify(one.input)}`);
    }
    await askAgain(questions.filter(isOld));
  }
  abort.abort();
  expect(stale).toEqual([]);
  const told = Object.entries(CHANGES).flatMap(([type, topics]) => (topics.length > 0 ? [type] : []));
  // The trainer that stands in writes no log, and another home is another window's.
  expect(told.filter((type) => !heard.has(type as AppEvent['type']))).toEqual(['log', 'home']);
});
