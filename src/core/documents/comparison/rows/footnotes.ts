/** Marks beside names and values of a comparison, and the lines that say what they mean. */

import { findMetric } from '../../../evaluation/metrics-table.ts';
import { ofSplit } from '../../../evaluation/paired/kept.ts';
import type { Significance } from '../../../evaluation/paired/types.ts';
import { statedSample, usersText } from '../../../evaluation/samples.ts';
import { MAX_EXACT } from '../../../evaluation/significance.ts';
import { PRETRAINED, WHOLE } from '../../../evaluation/types.ts';
import { UNKNOWN_FACTS } from '../../../foreign/results/unknown.ts';
import { countText } from '../../../names.ts';
import { isSameKind, type Processor, processorNames } from '../../../processor-kinds.ts';
import { readBeforeText } from '../../language-words.ts';
import { coverageText } from '../../result-words.ts';
import type { ComparedRun, Comparison, ComparisonCell, ComparisonRow, MetricColumn } from '../../types.ts';
import { fewTrialsTexts } from './tuning.ts';

/**
 * The rows with the places of their footnotes, and what these say: rows of other programs, rows that rest on what was made elsewhere, that
 * training made no better, were resumed by another version, trained on another kind of CPU or tuned with far fewer trials, and values of some
 * of the users.
 */
export function footnotedRows(
  rows: readonly ComparisonRow[],
  columns: readonly MetricColumn[],
  baseline: number | null,
): { rows: ComparisonRow[]; footnotes: string[] } {
  const footnotes: string[] = [];
  const place = (text: string) => {
    if (!footnotes.includes(text)) footnotes.push(text);
    return footnotes.indexOf(text);
  };
  const usual = usualProcessor(rows, baseline);
  const footnoted = rows.map((row) => ({
    ...row,
    notes: [...rowTexts(row, usual), ...fewTrialsTexts(row, rows)].map(place),
    cells: row.cells.map((cell, at) => {
      const text = cellText(row, cell, columns[at]);
      return text === null ? cell : { ...cell, note: place(text) };
    }),
  }));
  return { rows: footnoted, footnotes };
}

function rowTexts({ runs }: ComparisonRow, usual: Processor | null): string[] {
  const sources = distinct(runs.flatMap(({ unknownSources }) => unknownSources ?? []));
  const unknown = sources.filter((source) => !isPretrained(source));
  return [
    ...(unknown.length < sources.length ? [`${readBefore(runs)}.`] : []),
    ...(unknown.length > 0
      ? [`provenance unknown (${unknown.join('; ')}): it may have seen held-out items.`]
      : []),
    ...distinct(runs.flatMap(({ protocol }) => protocol?.plugins ?? [])).map(pluginText),
    ...(runs.some(({ asItStarted }) => asItStarted)
      ? ['as it started: no epoch of its training was better.']
      : []),
    ...distinct(runs.flatMap(originTexts)),
    ...distinct(runs.flatMap(({ versions = [] }) => resumedText(versions) ?? [])),
    ...distinct(runs.flatMap((run) => processorText(run, usual) ?? [])),
  ];
}

/** Of what was made elsewhere; `startFrom: …` where it is by way of another run. */
const isPretrained = (source: string) => source.split(': ').at(-1) === PRETRAINED;

function readBefore(runs: readonly ComparedRun[]): string {
  const names = distinct(runs.flatMap(({ pretrained }) => pretrained ?? []));
  return readBeforeText(names.length > 0 ? names : ['its pretrained model']);
}

/** As a protocol names it. */
function pluginText(plugin: string): string {
  const [file, hash] = plugin.split(/ (?=[0-9a-f]+$)/);
  return `made with ${file} (SHA-256 ${hash.slice(0, 8)}…), which is not part of Tessera.`;
}

/** Of a value that is over some of the users. */
function cellText({ runs }: ComparisonRow, { mean }: ComparisonCell, { name }: MetricColumn): string | null {
  const split = findMetric(name)?.prefix ?? 'test';
  const samples = distinct(runs.flatMap((run) => sampleOfRun(run, split) ?? []));
  if (mean === null || samples.length === 0) return null;
  return `over ${samples.join(', or ')}${runs.length > 1 ? ', others with every seed' : ''}.`;
}

/** The longest of the lists that a run of another program was measured by; null where they have every candidate. */
export function knownOf({ ranks }: Pick<ComparedRun, 'ranks'>): number | null {
  const [first] = ranks ?? [];
  const lengths = first?.lengths ?? new Int32Array();
  const longest = lengths.reduce((most, length) => (length === WHOLE ? most : Math.max(most, length)), 0);
  return longest === 0 ? null : longest;
}

/** What made a row of another program, and what is to be known of it wherever it stands. */
function originTexts(run: ComparedRun): string[] {
  const { program, result, unknown = [] } = run;
  if (!program) return [];
  if (!result && !run.protocol) return [`reported by ${program}: nothing of it was measured here.`];
  const known = knownOf(run);
  const lists = result?.sampled
    ? `its scores of ${result.sampled} sampled candidates`
    : known === null
      ? 'its scores'
      : `its top-${known} lists`;
  const coverage = result && coverageText(result);
  const names = unknown.map((fact) => UNKNOWN_FACTS[fact]);
  return [
    `trained by ${program}, measured here on ${lists}.`,
    ...(coverage ? [`${coverage}.`] : []),
    ...(result?.lostPlaces
      ? [`in ${countText(result.lostPlaces, 'list')} items of the history took places, which are lost to it.`]
      : []),
    ...(names.length > 0 ? [`not recorded: its ${names.join(', ')}: never marked best or chosen.`] : []),
  ];
}

function resumedText([first, ...others]: readonly string[]): string | null {
  if (others.length === 0) return null;
  return `started with version ${first}, resumed with ${others.join(', then ')}; results can differ between versions.`;
}

/** The kind of CPU of the row that others are compared with; GPUs compute by themselves. */
function usualProcessor(rows: readonly ComparisonRow[], baseline: number | null): Processor | null {
  const ordered = [...rows.slice(baseline ?? 0), ...rows];
  const trained = ordered.flatMap(({ runs }) => runs).find((run) => processorsOf(run).length > 0);
  return trained ? processorsOf(trained)[0] : null;
}

function processorsOf({ device, processors = [] }: ComparedRun): readonly Processor[] {
  return device === 'cpu' ? processors : [];
}

function processorText(run: ComparedRun, usual: Processor | null): string | null {
  const kinds = processorsOf(run);
  if (usual === null || kinds.every((kind) => isSameKind(kind, usual))) return null;
  const [other, ...names] = processorNames([usual, ...kinds]);
  const others = names.every((name) => name !== other) ? `, others on ${other}` : '';
  return `trained on ${names.join(', then on ')}${others}: the last digits depend on the kind of CPU.`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** As the protocol states it; of version 1 as the results show, which test all users. */
function sampleOfRun({ protocol, ranks }: ComparedRun, split: string): string | null {
  const stated = statedSample(protocol, split);
  if (stated !== null || protocol?.version) return stated;
  const count = (of: string) => ofSplit(ranks, of)?.users.length ?? 0;
  const [users, of] = [count(split), count('test')];
  return users > 0 && users < of ? usersText(users, of) : null;
}

/** "a", "b", … "z", "a1", … */
export function footnoteMark(place: number): string {
  return String.fromCharCode(97 + (place % 26)) + (place < 26 ? '' : Math.floor(place / 26));
}

/** " [a, b]" to stand behind a name or a value; nothing without notes. */
export function markText(places: readonly number[]): string {
  return places.length === 0 ? '' : ` [${places.map(footnoteMark).join(', ')}]`;
}

/** " [a]" to stand behind a value. */
export function cellMark({ note }: Pick<ComparisonCell, 'note'>): string {
  return markText(note === undefined ? [] : [note]);
}

/** The name of a row with its marks. */
export function markedName({ name, notes }: Pick<ComparisonRow, 'name' | 'notes'>): string {
  return name + markText(notes);
}

/** "[a]: over 2,000 of 22,363 users." */
export function footnoteLines({ footnotes }: Pick<Comparison, 'footnotes'>): string[] {
  return footnotes.map((text, at) => `[${footnoteMark(at)}]: ${text}`);
}

/** To stand behind the t-test; nothing where it decides everywhere. */
export function exactWords(tests: readonly Pick<Significance, 'exact'>[]): string {
  return tests.some(({ exact }) => exact) ? `, Wilcoxon's exact test where at most ${MAX_EXACT} differ` : '';
}
