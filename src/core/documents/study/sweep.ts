/** A sweep as a table of its trials and what it says, for reports and the terminal. */
import { metricDecimals, metricLabel, metricPhrase } from '../../evaluation/metrics-table.ts';
import { modelTitle } from '../../model-facts.ts';
import { countText } from '../../names.ts';
import { settingText } from '../../setting-value.ts';
import { settingTitle } from '../../setting-words.ts';
import { FIRST_TRIALS } from '../../studies/search/tpe.ts';
import type { SweepSpec } from '../../studies/study.ts';
import type { SeedMean, SweepResult } from '../../studies/sweep-result.ts';
import { METHOD, whatMattered } from '../../studies/what-mattered.ts';
import { type DocumentSection, figure, fileSafe, type ReportDocument, tableSection } from '../document.ts';
import { duration, fixed, grouped, meanAndSpread } from '../format.ts';
import { colourIndex } from '../run-colours.ts';
import type { TableSection } from '../types.ts';
import { searchFigure } from './search-figure.ts';
import { settingAxes, settingFigure } from './sweep-figures.ts';
import { sweepStatement } from './sweep-words.ts';
import { settingsText } from './words.ts';

interface Sweep extends SweepResult {
  name: string;
  spec: SweepSpec;
}

/** "0.0605" or "0.0605 ± 0.0003" */
export function seedMeanText(value: Omit<SeedMean, 'metric'> | null, metric: string): string {
  return value ? meanAndSpread(value, { decimals: metricDecimals(metric) }) : '–';
}

/** The end of a sentence about the best trial: the metric that it was chosen by. */
export function choiceText({ metric, found }: SweepSpec['sweep']): string {
  if (found)
    return `has the ${found.direction === 'lower' ? 'lowest' : 'highest'} ${metricPhrase(metric)} that ${found.program} states; on which data it was measured is not known.`;
  return metric.startsWith('valid/')
    ? `was chosen on validation data, by ${metricPhrase(metric)}; test results of the others are not used for the choice.`
    : `was chosen by ${metricPhrase(metric)}, which uses no held-out data.`;
}

/** "SASRec, preset small, on beauty"; what another program did not say is not known. */
export function sweptText({ model, preset, dataset, sweep }: SweepSpec): string {
  const known = sweep.found && model === 'unknown' ? 'A model that is not known' : modelTitle(model);
  return `${known}${preset ? `, preset ${preset},` : ''}${dataset.name === '' ? '' : ` on ${dataset.name}`}`;
}

/** Every trial, the best first, with a sentence about that one. */
function trialsTable({ spec, trials, test, problem }: Sweep): TableSection {
  const { metric, vary } = spec.sweep;
  const keys = vary.map(({ key }) => key);
  const [best] = trials;
  const found = `The best trial, ${settingsText(best.settings)}, ${choiceText(spec.sweep)}`;
  const tested = test && `Its test result: ${metricLabel(test.metric)} ${seedMeanText(test, test.metric)}.`;
  return {
    title: 'Trials',
    headings: ['Trial', 'Status', ...keys, metricLabel(metric), 'Epochs', 'Time'],
    textColumns: 2,
    lines: trials.map(({ number, status, settings, value, epochs, seconds }) => [
      String(number),
      status ?? 'no run',
      ...keys.map((key) => (key in settings ? settingText(settings[key]) : '–')),
      seedMeanText(value, metric),
      grouped(epochs),
      duration(seconds),
    ]),
    notes:
      best.rank === 1 ? [found, ...(tested ? [tested] : [])] : [problem ?? 'No trial has completed yet.'],
  };
}

/** The metric against the values of each setting. */
function settingsSection({ spec, trials }: Sweep): DocumentSection {
  const { metric } = spec.sweep;
  const measured = trials.filter(({ value }) => value !== null);
  const colour = colourIndex(spec.model);
  return {
    title: 'Settings and result',
    figures: settingAxes(spec).flatMap((axis) =>
      figure(
        `${metricLabel(metric)} against ${axis.label}; diamond: the best trial`,
        measured.length < 2 ? null : settingFigure(axis, trials, spec.sweep, colour),
      ),
    ),
  };
}

function sweepAnswer({ spec, trials, problem }: Sweep): string {
  const [best] = trials;
  if (best?.rank !== 1) return problem ?? 'No trial has completed yet';
  const { metric } = spec.sweep;
  const { fact, limit } = sweepStatement(spec, trials);
  return `${fact}${limit}: ${metricPhrase(metric)} ${seedMeanText(best.value, metric)}`;
}

/** How the search went, where its trials were made one after the other. */
function searchSection({ spec, trials }: Sweep): DocumentSection[] {
  if (spec.sweep.state === undefined) return [];
  const figures = figure(searchCaption(spec), searchFigure(spec, trials, colourIndex(spec.model)));
  return [{ title: 'How the search went', figures }];
}

/** Beneath the figure of a search: what of it needs a word. */
export function searchCaption({ sweep }: SweepSpec): string {
  return [
    sweep.asha
      ? 'A column is a trial: it climbs from rung to rung. Values of different rungs are of different length of training'
      : 'A point is a trial',
    ...(sweep.search === 'tpe'
      ? [
          'Random search: the first trials, which were drawn at random, resampled 1,000 times at equal epochs, as far as they have trained',
        ]
      : []),
  ].join('. ');
}

function matteredSection({ spec, trials, problem }: Sweep): DocumentSection[] {
  // Ranks over trials that cannot be compared say nothing.
  if (problem !== null) return [];
  const shares = whatMattered(
    trials,
    spec.sweep.vary.map(({ key }) => key),
  );
  if (!shares) return [];
  const lines = shares.map(({ key, share }) => [settingTitle(key), `${fixed(100 * share, 0)} %`]);
  const table = { headings: ['Setting', 'Share of the variance of ranks'], textColumns: 1, lines };
  return [{ title: 'What mattered', table, notes: [METHOD] }];
}

const MADE = {
  grid: () => 'every combination',
  random: (draw: number) => `drawn at random with seed ${draw}`,
  tpe: (draw: number) =>
    `proposed by TPE with seed ${draw}, the first ${FIRST_TRIALS} with a result drawn at random`,
};

/** "dim: 16,32", and with which values of others. */
function variedText({ key, values, when = {} }: SweepSpec['sweep']['vary'][number]): string {
  const conditions = Object.entries(when).map(
    ([other, wanted]) => ` (only with ${other} ${wanted.map(settingText).join(' or ')})`,
  );
  return `${key}: ${values}${conditions.join('')}`;
}

const ENDS: Record<NonNullable<SweepSpec['sweep']['ended']>, string> = {
  trials: 'all of them were made',
  all: 'there were no more different ones',
  unimproved: 'the last ones were no better',
  hours: 'its time was spent',
};

/** What stops trials and the search, one sentence each. */
export function searchTexts({ asha, stop = {}, finalists, state, ended }: SweepSpec['sweep']): string[] {
  const { unimproved, hours } = stop;
  return [
    ...(asha
      ? [
          `Asynchronous successive halving: of the trials that have trained ${countText(asha.min, 'epoch')} at least, one in ${asha.eta} continues, each time ${asha.eta} times as long.`,
        ]
      : []),
    ...(unimproved ? [`No more begin once ${countText(unimproved, 'trial')} in a row were no better.`] : []),
    ...(hours ? [`No more begin once they have trained for ${countText(hours, 'hour')}.`] : []),
    ...(finalists
      ? [`The best ${finalists.trials} are trained from the seeds ${finalists.seeds.join(', ')}.`]
      : []),
    ...(state === 'ended' && ended ? [`No more trials begin: ${ENDS[ended]}.`] : []),
    ...(state === 'paused' ? ['It is paused: no more trials begin.'] : []),
  ];
}

export function sweepDocument(sweep: Sweep): ReportDocument {
  const { name, spec, trials, test, problem } = sweep;
  const { search, vary, draw, found } = spec.sweep;
  const varied = vary.map(variedText).join('; ');
  const how = found
    ? `searched by ${found.program}`
    : `${MADE[search](draw)}, with ${countText(spec.seeds.length, 'seed')} each`;
  const fixedSettings = settingsText(spec.overrides);
  return {
    stem: `sweep-${fileSafe(name)}`,
    title: `Sweep ${name}`,
    answer: sweepAnswer(sweep),
    sections: [
      {
        title: 'What was done',
        text: [
          `${sweptText(spec)}: ${countText(trials.length, 'trial')}, ${how}. ${varied}.`,
          ...searchTexts(spec.sweep),
          ...(fixedSettings === '' ? [] : [`Fixed settings: ${fixedSettings}.`]),
        ],
      },
      ...searchSection(sweep),
      tableSection(trialsTable(sweep)),
      ...matteredSection(sweep),
      settingsSection(sweep),
    ],
    data: { format: 'tessera-sweep', version: 1, name, spec, trials, test, problem },
  };
}
