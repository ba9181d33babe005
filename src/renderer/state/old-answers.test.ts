import { type ContractRouter, isContractProcedure, oc, type } from '@orpc/contract';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { asks, does, type Meta, type Topic } from '../../core/api/asking.ts';
import { contract } from '../../core/api/contract.ts';
import { type AppEvent, CHANGES } from '../../core/api/events.ts';

vi.mock('./connection.ts', () => ({ currentLink: () => new Promise(() => {}) }));
vi.useFakeTimers();

const { queryClient } = await import('./api.ts');
const { refreshAfter } = await import('./old-answers.ts');

/** Of every question of the contract: its path, and what it is made of. */
const questions = Object.entries<object>(contract).flatMap(([area, procedures]) =>
  Object.entries(procedures as Record<string, unknown>).flatMap(([name, procedure]) => {
    if (!isContractProcedure(procedure)) return [];
    const { inputSchema } = procedure['~orpc'];
    const meta: Meta = procedure['~orpc'].meta;
    return meta.reads === null ? [] : [{ path: [area, name], ...meta, inputSchema }];
  }),
);

/** The events that say as much of `run` as they can. */
const events = (Object.keys(CHANGES) as AppEvent['type'][]).map((kind) => {
  const ofARun = ['run', 'progress', 'series', 'log', 'checkpoint', 'notice'].includes(kind);
  return { type: kind, ...(ofARun ? { run: 'a' } : {}) } as AppEvent;
});

/** The input that a question of a run has, where a field names it alone, among others, or as a view. */
const inputs = (fields: readonly string[], run: string) => [
  Object.fromEntries(fields.map((field) => [field, run])),
  Object.fromEntries(fields.map((field) => [field, ['c', run]])),
  Object.fromEntries(fields.map((field) => [field, { run, step: null }])),
];

const keyOf = (path: readonly string[], input?: unknown) => [path, { type: 'query', input }];
const isOld = (key: readonly unknown[]) => queryClient.getQueryState(key)?.isInvalidated;

beforeEach(() => {
  queryClient.clear();
});

test.each(events)('after $type every answer is old that is made of what changed, and no other', (event) => {
  const changed = new Set<Topic>(CHANGES[event.type]);
  const all = questions.flatMap(({ path, reads, readsOf }) => {
    const fields = Object.keys(readsOf);
    const always = reads.some((topic) => changed.has(topic));
    const ofRun = Object.values(readsOf)
      .flat()
      .some((topic) => changed.has(topic));
    const key = (input: unknown, old: boolean) => ({ key: keyOf(path, input), old });
    if (fields.length === 0) return [key({}, always)];
    const isNamed = 'run' in event;
    return [
      ...inputs(fields, 'a').map((input) => key(input, always || ofRun)),
      ...inputs(fields, 'b').map((input) => key(input, always || (ofRun && !isNamed))),
    ];
  });
  for (const { key } of all) queryClient.setQueryData(key, {});
  queryClient.setQueryData(['screen', 'home'], {});
  refreshAfter(event);
  vi.runAllTimers();
  const wrong = all.filter(({ key, old }) => isOld(key) !== old);
  expect(wrong).toEqual([]);
  expect(isOld(['screen', 'home'])).toBe(false);
});

test.each(questions)(
  'the fields of $path that name runs are those of its input',
  ({ readsOf, inputSchema }) => {
    const shape = inputSchema instanceof z.ZodObject ? Object.keys(inputSchema.shape) : [];
    expect(shape).toEqual(expect.arrayContaining(Object.keys(readsOf)));
  },
);

test('what a run that completes has changed, and what the run beside it has not', () => {
  const of = (run: string) => ({
    report: keyOf(['compare', 'report'], { runs: ['c', run] }),
    slices: keyOf(['compare', 'slices'], { runs: ['c', run] }),
    curves: keyOf(['compare', 'curves'], { runs: ['c', run] }),
    list: keyOf(['recommend', 'show'], { run, user: '1' }),
    page: keyOf(['runs', 'show'], { run }),
  });
  const both = [of('a'), of('b')];
  for (const key of both.flatMap((keys) => Object.values(keys))) queryClient.setQueryData(key, {});
  const old = () =>
    both.map((keys) => Object.entries(keys).flatMap(([name, key]) => (isOld(key) ? [name] : [])));
  refreshAfter({ type: 'series', run: 'a' });
  vi.runAllTimers();
  expect(old()).toEqual([['report', 'curves', 'page'], []]);
  refreshAfter({ type: 'run', run: 'a' });
  vi.runAllTimers();
  // A report may have a study beside it, which is made of any runs.
  expect(old()).toEqual([['report', 'slices', 'curves', 'list', 'page'], ['report']]);
});

test('an answer that was on its way when something happened is asked for again once it is there', async () => {
  const key = keyOf(['runs', 'table'], {});
  const answers: ((value: string) => void)[] = [];
  const ask = () => new Promise<string>((resolve) => answers.push(resolve));
  const first = queryClient.fetchQuery({ queryKey: key, queryFn: ask });
  refreshAfter({ type: 'runs' });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(answers).toHaveLength(1);
  answers[0]('of before');
  await first;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isOld(key)).toBe(true);
});

test('the contract takes no procedure that says nothing of what it reads', () => {
  const silent = { list: oc.output(type<void>()) };
  // @ts-expect-error It begins neither as a question nor as a deed.
  const refused: ContractRouter<Meta> = silent;
  expect(refused).toBe(silent);
  const taken: ContractRouter<Meta> = {
    list: asks(['runs']).output(type<void>()),
    add: does.output(type<void>()),
  };
  expect(Object.keys(taken)).toEqual(['list', 'add']);
});
