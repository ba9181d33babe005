import type { DatasetStatistics } from '../data/types.ts';
import { protocolRows } from '../evaluation/protocol.ts';
import { flatConfig } from './comparison.ts';
import { duration, fixed, grouped } from './format.ts';
import type { ReportPart } from './formats.ts';
import { configWithoutSeed } from './rows.ts';
import { wantsPart } from './sections.ts';
import { escapeHtml } from './text.ts';
import type { ComparedRun, Comparison, ReportChoice } from './types.ts';

function definitions(entries: readonly (readonly [string, string])[]): string {
  return `<dl>${entries.map(([name, text]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`).join('')}</dl>`;
}

function block(title: string, entries: readonly (readonly [string, string])[]): string {
  return `<div class="column"><h3>${escapeHtml(title)}</h3>${definitions(entries)}</div>`;
}

/** Blocks side by side; nothing for none. */
function columns(blocks: readonly string[]): string {
  return blocks.length === 0 ? '' : `<div class="columns">${blocks.join('')}</div>`;
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<h2>${title}</h2>${content}`;
}

function protocolBlocks(comparison: Comparison): string[] {
  return comparison.protocols.map(({ label, fingerprint, protocol, rows }) => {
    const names = rows.map((row) => comparison.rows[row].name).join(', ');
    if (!protocol)
      return block(`Protocol ${label}`, [
        ['stated', 'no'],
        ['runs', names],
      ]);
    const entries = protocolRows(protocol).map(({ title, value }) => [title, value] as const);
    return block(`Protocol ${label}`, [['fingerprint', fingerprint ?? ''], ...entries, ['runs', names]]);
  });
}

function statisticsEntries(statistics: DatasetStatistics): [string, string][] {
  const { sequenceLength: length, itemPopularity: popularity, timeSpan } = statistics;
  const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const spread = (of: typeof length) =>
    `${grouped(of.min)} to ${grouped(of.max)}, median ${grouped(of.median)}, mean ${fixed(of.mean, 1)}`;
  return [
    ['users', grouped(statistics.users)],
    ['items', grouped(statistics.items)],
    ['interactions', grouped(statistics.interactions)],
    ['density', `${(100 * statistics.density).toPrecision(3)} %`],
    ['interactions a user', spread(length)],
    ['interactions an item', spread(popularity)],
    ['items with fewer than five', grouped(statistics.coldItems)],
    ...(timeSpan ? [['time span', `${day(timeSpan.from)} to ${day(timeSpan.to)}`] as [string, string]] : []),
  ];
}

function datasetBlocks(runs: readonly ComparedRun[]): string[] {
  const datasets = new Map(
    runs.flatMap(({ dataset }) => (dataset ? [[dataset.fingerprint, dataset] as const] : [])),
  );
  return [...datasets.values()].map(({ name, fingerprint, statistics }) =>
    block(`Data set ${name}`, [
      ...(statistics ? statisticsEntries(statistics) : []),
      ['fingerprint', fingerprint.slice(0, 12)],
    ]),
  );
}

function differenceSection(comparison: Comparison): string {
  const { rows, configDifferences } = comparison;
  if (configDifferences.length === 0) return '';
  const head = rows.map((row) => `<th class="wrap">${escapeHtml(row.name)}</th>`).join('');
  const body = configDifferences.map(({ key, values }) => {
    const cells = values.map((value) => `<td class="wrap">${escapeHtml(value ?? '–')}</td>`).join('');
    return `<tr><td>${escapeHtml(key)}</td>${cells}</tr>`;
  });
  const table = `<table><thead><tr><th>Key</th>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return section('What differs between the configs', `<div class="scroll">${table}</div>`);
}

function configSection(comparison: Comparison): string {
  const blocks = comparison.rows.map((row) => {
    const [run] = row.runs;
    const config = [...flatConfig(configWithoutSeed(run))];
    const facts: [string, string][] = [
      ['seeds', row.seeds.join(', ') || '–'],
      ['parameters', grouped(run.parameters)],
      ['device', run.device ?? '–'],
      ['time', row.runs.map(({ seconds }) => duration(seconds)).join(', ')],
    ];
    return block(row.name, [...facts, ...config]);
  });
  return section('Runs and their configs', columns(blocks));
}

/** Environments that are equal are shown once, with the runs they belong to. */
function environmentSection(runs: readonly ComparedRun[]): string {
  const shared = new Map<string, ComparedRun[]>();
  for (const run of runs) {
    if (!run.environment) continue;
    const key = JSON.stringify(Object.entries(run.environment).sort());
    shared.set(key, [...(shared.get(key) ?? []), run]);
  }
  const blocks = [...shared.values()].map((members) => {
    const entries = Object.entries(members[0].environment ?? {}).map(
      ([name, value]) => [name, String(value)] as const,
    );
    return block(
      members.length === runs.length ? 'All runs' : members.map(({ name }) => name).join(', '),
      entries,
    );
  });
  return section('Environment', columns(blocks));
}

/** Protocol, data set, configs and environment: what another person needs to repeat the comparison. */
export function backgroundSections(comparison: Comparison, choice: ReportChoice = {}): string[] {
  const runs = comparison.rows.flatMap((row) => row.runs);
  const part = (name: ReportPart, content: () => string) => (wantsPart(choice, name) ? content() : '');
  return [
    part('protocol', () =>
      section('Protocol and data set', columns([...protocolBlocks(comparison), ...datasetBlocks(runs)])),
    ),
    part('config-differences', () => differenceSection(comparison)),
    part('configs', () => configSection(comparison)),
    part('environment', () => environmentSection(runs)),
  ];
}
