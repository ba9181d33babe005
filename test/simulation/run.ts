/**
 * Plays seeds: "node test/simulation/run.ts COUNT [FIRST]", with --until-wrong to the first in which something is; or one with
 * its story: "node test/simulation/run.ts --seed N".
 */
import { parseArgs } from 'node:util';
import { play } from './play.ts';

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, 'until-wrong': { type: 'boolean' } },
  allowPositionals: true,
});
if (values.seed !== undefined) {
  const { story, violation } = await play(Number(values.seed));
  console.log(story.join('\n'));
  console.log(violation === null ? 'nothing is wrong' : `WRONG: ${violation}`);
} else {
  const [count = 100, first = 1] = positionals.map(Number);
  const begun = performance.now();
  let wrong = 0;
  for (let seed = first; seed < first + count; seed++) {
    const { violation } = await play(seed);
    if (violation !== null) console.log(`seed ${seed}: ${violation}`);
    if (violation !== null) wrong++;
    if (wrong > 0 && values['until-wrong']) break;
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${count} seeds, ${wrong} wrong, ${seconds.toFixed(1)} s`);
  if (wrong > 0) process.exitCode = 1;
}
