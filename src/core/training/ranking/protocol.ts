import { columnHash } from '../../data/fingerprint.ts';
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
  const { protocol, split, targets, candidates, coldItems, coldSeed } = config;
  const { historyFilter, historyWindow, rankLimit } = rankingRule(config);
  const paper = protocol === 'paper';
  return {
    dataset: summary.fingerprint,
    ...splitOf(config, data),
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
    testHistory: paper || split === 'time' ? 'all-before-target' : 'with-validation-item',
    ...(coldItems > 0 ? { coldItems, coldSeed } : {}),
  };
}

/** What a split by time rests on besides the sequences is stated by it alone, so that the fingerprints of others stay. */
function splitOf(
  { protocol, split, validShare, testShare }: ProtocolConfig,
  { times }: Pick<Interactions, 'times'>,
): Pick<NextItemProtocol, 'split' | 'validShare' | 'testShare' | 'times'> {
  const held: NextItemProtocol['split'] = protocol === 'paper' ? `${split}-without-validation` : split;
  if (split !== 'time' || !times) return { split: held };
  return {
    split: held,
    ...(protocol === 'paper' ? {} : { validShare }),
    testShare,
    times: columnHash(times),
  };
}

/** The config keys that give the split of a protocol. */
export function splitConfig({
  split,
  validShare,
  testShare,
  targets,
}: NextItemProtocol): Partial<ProtocolConfig> {
  return {
    protocol: split.endsWith('-without-validation') ? 'paper' : 'validated',
    split: split.startsWith('time') ? 'time' : 'leave-last-out',
    ...(validShare === undefined ? {} : { validShare }),
    ...(testShare === undefined ? {} : { testShare }),
    ...(targets === undefined ? {} : { targets }),
  };
}

/** Order of equal time stamps, as chosen at the import. */
export function tieRule({ options: { ties, seed } }: DatasetSummary): string {
  return ties === 'shuffle' ? `shuffle(${seed})` : String(ties ?? 'file');
}
