/** One part of one subject, in a process of its own. Usage: node bench/scale/point.ts SUBJECT make|measure FOLDER; prints one JSON line. */
import { type Measure, peak, timed } from './measures.ts';
import { subjects } from './subjects.ts';

const [name, part, folder] = process.argv.slice(2);
const { make, measure } = subjects[name];
if (part === 'make') {
  const [written] = await timed('written in', () => make(folder), { times: 1 });
  console.log(
    JSON.stringify([{ ...written, value: Math.round(written.value / 1000), unit: 's' } satisfies Measure]),
  );
} else console.log(JSON.stringify([...(await measure(folder)), peak()]));
