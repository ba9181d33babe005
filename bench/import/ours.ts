/** Our import of the same file. Usage: node bench/import/ours.ts RATINGS.csv HOME */
import { importDataset } from '../../src/core/data/import/import.ts';

const [source, home] = process.argv.slice(2);
const started = performance.now();
const { statistics } = await importDataset({ paths: [source] }, { home });
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  JSON.stringify({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakMiB,
    interactions: statistics.interactions,
  }),
);
