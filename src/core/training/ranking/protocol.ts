import type { DatasetSummary } from '../../data/types.ts';
import { CUTOFFS } from '../../evaluation/metrics.ts';
import type { NextItemProtocol } from '../../evaluation/types.ts';
import type { ProtocolConfig } from '../config.ts';
import { rankingRule } from './evaluation-set.ts';

/** The protocol of a run from its config, its data set and how its epoch was chosen. */
export function protocolOf(
  config: ProtocolConfig,
  measured: { summary: DatasetSummary } & Pick<NextItemProtocol, 'target' | 'selection'>,
): NextItemProtocol {
  const { summary, target, selection } = measured;
  const { protocol, candidates, coldItems, coldSeed } = config;
  const { historyFilter, historyWindow, rankLimit } = rankingRule(config);
  const paper = protocol === 'paper';
  return {
    dataset: summary.fingerprint,
    split: paper ? 'leave-last-out-without-validation' : 'leave-last-out',
    target,
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
    testHistory: paper ? 'all-before-target' : 'with-validation-item',
    ...(coldItems > 0 ? { coldItems, coldSeed } : {}),
  };
}

/** Order of equal time stamps, as chosen at the import. */
export function tieRule({ options: { ties, seed } }: DatasetSummary): string {
  return ties === 'shuffle' ? `shuffle(${seed})` : String(ties ?? 'file');
}
