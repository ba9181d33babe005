export { trialDirection } from '../evaluation/choice.ts';
export { meaningOf } from '../evaluation/meanings.ts';
/** What the window shows of a metric: the same titles and digits as reports. */
export {
  findMetric,
  metricDecimals,
  metricDirection,
  metricLabel,
  metricPhrase,
  metricsUsed,
  signOf,
} from '../evaluation/metrics-table.ts';
export { statedSample } from '../evaluation/samples.ts';
export { isOurs, ourMetric } from '../foreign/trackers/metric-names.ts';
