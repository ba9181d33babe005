import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Gathered } from './gathered.ts';

it('asks what comes together at once, and what comes meanwhile at once afterwards', async () => {
  const asked: number[][] = [];
  const gathered = new Gathered<number, string>(async (numbers) => {
    asked.push(numbers);
    await wait(100);
    if (numbers.includes(13)) throw new Error('no');
    return numbers.map(String);
  }, 200);
  const first = Promise.all([1, 2, 3].map((number) => gathered.ask(number)));
  await wait(80);
  const second = Promise.all([4, 5].map((number) => gathered.ask(number)));
  expect(await first).toEqual(['1', '2', '3']);
  expect(await second).toEqual(['4', '5']);
  expect(asked).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  await expect(gathered.ask(13)).rejects.toThrow('no');
  const abort = new AbortController();
  const stopped = gathered.ask(6, abort.signal);
  abort.abort();
  await expect(stopped).rejects.toThrow();
  expect(await gathered.ask(7)).toBe('7');
});
