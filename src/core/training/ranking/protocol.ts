import type { DatasetSummary } from '../../data/types.ts';
import { CUTOFFS } from '../../evaluation/metrics.ts';
import type { NextItemProtocol } from '../../evaluation/types.ts';
import type { ProtocolConfig } from '../config.ts';
import { rankingRule } from './evaluation-set.ts';

/** What a run's config says of how it is measured, with what is known only of its data set and its end. */
export function protocolOf(
  config: Record<string, unknown>,
  measured: { summary: DatasetSummary } & Pick<NextItemProtocol, 'target' | 'selection'>,
): NextItemProtocol {
  const { summary, target, selection } = measured;
  const { protocol, candidates, coldItems, coldSeed } = config as ProtocolConfig;
  const { historyFilter, historyWindow, rankLimit } = rankingRule(config as ProtocolConfig);
  const paper = protocol === 'paper';
  return {
    dataset: summary.fingerprint,
    split: paper ? 'leave-last-out-without-validation' : 'leave-last-out',
    target,
    ties: tiesOf(summary),
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
    ...targetTimeOf(config),
    ...generationOf(config),
  };
}

/** Models that generate their lists say how long these can be. */
function generationOf(config: Record<string, unknown>): Pick<NextItemProtocol, 'generation'> {
  const { beams, decoding, samplingTemperature } = config;
  if (typeof beams !== 'number') return {};
  const drawn = decoding === 'sample' ? ` at temperature ${samplingTemperature}` : '';
  return { generation: `${beams} beams, ${decoding}${drawn}` };
}

/** Models that read times say whether they know the target's. */
function targetTimeOf({ targetTime }: Record<string, unknown>): Pick<NextItemProtocol, 'targetTime'> {
  return targetTime === 'seen' || targetTime === 'hidden' ? { targetTime } : {};
}

/** Order of equal time stamps, as chosen at the import. */
export function tiesOf({ options: { ties, seed } }: DatasetSummary): string {
  return ties === 'shuffle' ? `shuffle(${seed})` : String(ties ?? 'file');
}
