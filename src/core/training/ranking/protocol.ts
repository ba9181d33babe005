import { columnHash } from '../../data/fingerprint.ts';
import { readSplit, type SplitSettings, splitFields, splitOf, statedSplit } from '../../data/splits/index.ts';
import type { DatasetSummary, Interactions } from '../../data/types.ts';
import { CUTOFFS } from '../../evaluation/metrics.ts';
import type { NextItemProtocol } from '../../evaluation/types.ts';
import type { ProtocolConfig } from '../config.ts';
import { rankingRule } from './evaluation-set.ts';

/** The protocol of a run from its config, its data set and how its epoch was chosen. */
export function protocolOf(
  config: ProtocolConfig,
  measured: { summary: DatasetSummary; data: Pick<Interactions, 'times'> } & Pick<
    NextItemProtocol,
    'target' | 'selection'
  >,
): NextItemProtocol {
  const { summary, data, target, selection } = measured;
  const { protocol, targets, candidates, coldItems, coldSeed } = config;
  const { historyFilter, historyWindow, rankLimit } = rankingRule(config);
  const paper = protocol === 'paper';
  return {
    dataset: summary.fingerprint,
    ...splitFacts(config, data),
    target,
    ...(targets === 'first' ? {} : { targets }),
    ties: tieRule(summary),
    ...(candidates === 'catalogue'
      ? { candidates, catalogueItems: summary.statistics.catalogueItems }
      : { candidates: 'interacted-items' }),
    historyFilter,
    ...(historyFilter === 'window' ? { historyWindow } : {}),
    rankTies: 'pessimistic',
    ...(rankLimit === null ? {} : { rankLimit }),
    cutoffs: [...CUTOFFS],
    selection,
    testHistory: paper ? 'all-before-target' : splitOf(config).testHistory,
    ...(coldItems > 0 ? { coldItems, coldSeed } : {}),
  };
}

/** What a split rests on besides the sequences is stated by it alone, so that the fingerprints of others stay. */
export function splitFacts(
  config: ProtocolConfig,
  { times }: Pick<Interactions, 'times'>,
): Pick<NextItemProtocol, 'split' | 'times' | keyof SplitSettings> {
  const { id, settings, needsTimes } = splitOf(config);
  const validation = config.protocol === 'validated';
  const { validShare: _, ...others } = settings;
  return {
    split: statedSplit(id, validation),
    ...(validation ? settings : others),
    ...(needsTimes && times ? { times: columnHash(times) } : {}),
  };
}

/** The config keys that give the split of a protocol. */
export function splitConfig(stated: NextItemProtocol): Partial<ProtocolConfig> {
  const { split, validation } = readSplit(stated.split);
  const keys = [...Object.keys(splitFields), 'targets'] as (keyof SplitSettings)[];
  return {
    ...Object.fromEntries(keys.flatMap((key) => (stated[key] === undefined ? [] : [[key, stated[key]]]))),
    ...{ protocol: validation ? 'validated' : 'paper', split },
  };
}

/** Order of equal time stamps, as chosen at the import. */
export function tieRule({ options: { ties, seed } }: DatasetSummary): string {
  return ties === 'shuffle' ? `shuffle(${seed})` : String(ties ?? 'file');
}
