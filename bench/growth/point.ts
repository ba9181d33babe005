/** One point of one subject, in a process of its own. Usage: node bench/growth/point.ts SUBJECT SIZE; prints one JSON line. */
import { subjects } from './subjects.ts';

const [name, size] = process.argv.slice(2);
console.log(JSON.stringify(await subjects[name].measure(Number(size))));
