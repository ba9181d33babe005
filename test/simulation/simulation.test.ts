/** Worlds in which everything fails that can. One of them: "node test/simulation/run.ts --seed N" tells its story. */
import { expect, it } from 'vitest';
import { DAY, isWhole } from '../form.ts';
import { play } from './play.ts';

const WORLDS = isWhole ? 250 : 10;

// In parts, so that a machine with much else to do has the time for each.
it.each([0, 1, 2, 3])(
  `no run is lost, doubled or ended twice in ${WORLDS} simulated worlds, others every day: part %i`,
  async (part) => {
    const wrong: string[] = [];
    for (let at = part * WORLDS; at < (part + 1) * WORLDS; at++) {
      const { seed, violation } = await play(DAY * 10_000 + at);
      if (violation !== null) wrong.push(`seed ${seed}: ${violation}`);
    }
    expect(wrong).toEqual([]);
  },
);
