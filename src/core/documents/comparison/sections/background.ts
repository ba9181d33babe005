/** What another person needs to repeat a comparison: protocol, data set, configs and environment. */
import type { DatasetStatistics } from '../../../data/types.ts';
import { protocolRows } from '../../../evaluation/protocol.ts';
import type { DocumentSection, FactBlock } from '../../document.ts';
import { duration, fixed, grouped } from '../../format.ts';
import type { ComparedRun, Comparison } from '../../types.ts';
import { configWithoutSeed, flatConfig } from '../rows/configs.ts';
import { protocolSentence } from './differences.ts';

export function backgroundSections(comparison: Comparison): DocumentSection[] {
  const { rows, protocols, configDifferences } = comparison;
  const runs = rows.flatMap((row) => row.runs);
  const environments = environmentBlocks(runs);
  return [
    {
      title: 'Protocol and data set',
      isBare: true,
      part: 'protocol',
      notes: protocols.map(protocolSentence),
      blocks: [...protocolBlocks(comparison), ...datasetBlocks(runs)],
    },
    {
      title: 'What differs between the configs',
      part: 'config-differences',
      table:
        configDifferences.length === 0
          ? undefined
          : {
              headings: ['Key', ...rows.map(({ name }) => name)],
              textColumns: 1 + rows.length,
              named: true,
              lines: configDifferences.map(({ key, values }) => [
                key,
                ...values.map((value) => value ?? '–'),
              ]),
            },
    },
    { title: 'Runs and their configs', part: 'configs', blocks: configBlocks(comparison) },
    { title: 'Environment', part: 'environment', blocks: environments },
  ];
}

function protocolBlocks({ protocols, rows }: Comparison): FactBlock[] {
  return protocols.map(({ label, fingerprint, protocol, rows: members }) => {
    const names = ['runs', members.map((row) => rows[row].name).join(', ')] as const;
    const stated = protocol
      ? [
          ['fingerprint', fingerprint ?? ''],
          ...protocolRows(protocol).map(({ title, value }) => [title, value]),
        ]
      : [['stated', 'no']];
    return { title: `Protocol ${label}`, facts: [...(stated as [string, string][]), names] };
  });
}

function statisticsFacts(statistics: DatasetStatistics): [string, string][] {
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

function datasetBlocks(runs: readonly ComparedRun[]): FactBlock[] {
  const datasets = new Map(
    runs.flatMap(({ dataset, data }) => (dataset ? [[data ?? dataset.name, dataset] as const] : [])),
  );
  return [...datasets.values()].map(({ name, fingerprint, statistics }) => ({
    title: `Data set ${name}`,
    facts: [
      ...(statistics ? statisticsFacts(statistics) : []),
      ['fingerprint', fingerprint.slice(0, 12)] as const,
    ],
  }));
}

function configBlocks({ rows }: Comparison): FactBlock[] {
  return rows.map(({ name, seeds, runs }) => ({
    title: name,
    facts: [
      ['seeds', seeds.join(', ') || '–'],
      ['parameters', grouped(runs[0].parameters)],
      ['device', runs[0].device ?? '–'],
      ['time', runs.map(({ seconds }) => duration(seconds)).join(', ')],
      ...flatConfig(configWithoutSeed(runs[0])),
    ],
  }));
}

/** Environments that are equal are shown once, with the runs they belong to. */
function environmentBlocks(runs: readonly ComparedRun[]): FactBlock[] {
  const stated = runs.filter(({ environment }) => environment);
  const shared = Map.groupBy(stated, ({ environment }) =>
    JSON.stringify(Object.entries(environment ?? {}).sort()),
  );
  return [...shared.values()].map((members) => ({
    title: members.length === runs.length ? 'All runs' : members.map(({ name }) => name).join(', '),
    facts: Object.entries(members[0].environment ?? {}).map(([name, value]) => [name, String(value)]),
  }));
}
