/** Worlds in which everything fails that can. One of them: "node test/simulation/run.ts --seed N" tells its story. */
import { expect, it } from 'vitest';
import { DAY, isWhole } from '../form.ts';
import { play } from './play.ts';

const WORLDS = isWhole ? 1_000 : 200;

it(`no run is lost, doubled or ended twice in ${WORLDS} simulated worlds, others every day`, async () => {
  const wrong: string[] = [];
  for (let at = 0; at < WORLDS; at++) {
    const { seed, violation } = await play(DAY * 10_000 + at);
    if (violation !== null) wrong.push(`seed ${seed}: ${violation}`);
  }
  expect(wrong).toEqual([]);
});
