/** A protocol in one line of everyday words, for the head of the rows that share it. */
import { readSplit, type StatedSplit, splitOf, splitWords } from '../../../data/splits/index.ts';
import { protocolRows } from '../../../evaluation/protocol.ts';
import type { Protocol, TokeniserProtocol } from '../../../evaluation/types.ts';
import { grouped } from '../../format.ts';

const FILTERS = {
  all: 'history filtered',
  window: 'history in the window filtered',
  none: 'history not filtered',
};
const SELECTIONS = {
  validation: 'best epoch on validation',
  test: 'best epoch on test items (optimistic)',
  'final-epoch': 'last checkpoint',
  unknown: 'checkpoint selection unknown',
};
const SPLITS = {
  random: 'split at random',
  time: 'split by time',
  last: 'last rows of each user held out',
  'day-parts': 'six of seven parts trained on',
};
const TARGETS = { all: ', all later items in one list', successive: ', later items one after the other' };
/** Fields of other protocols that are named before the rest. */
const SHOWN = 4;

/** The parts of a protocol by their titles, for a box of facts. */
export function protocolFacts(protocol: Protocol | null): [title: string, value: string][] {
  if (protocol === null) return [['Protocol', 'not recorded']];
  if (!('candidates' in protocol)) return otherFacts(protocol);
  const [split, ranked, history, selection] = protocolWords(protocol);
  return [
    ['Split', split],
    ['Ranking', `${ranked}, ${history}`],
    ['Checkpoint', selection],
  ];
}

/** Such as ["leave-last-out", "all items with interactions ranked", "history filtered", "best epoch on validation"]. */
export function protocolWords(protocol: Protocol | null): string[] {
  if (protocol === null) return ['protocol not recorded'];
  if (protocol.task === 'tokeniser') {
    const counted = protocol.split === undefined ? [] : [`counted: ${countedOf(protocol, protocol.split)}`];
    return [`Semantic IDs of ${grouped(protocol.items)} items`, ...counted];
  }
  if (protocol.task === 'ranking') {
    return ['labelled rows', SPLITS[protocol.split], SELECTIONS[protocol.selection]];
  }
  if (!('candidates' in protocol)) return otherFacts(protocol).map(([title, value]) => `${title}: ${value}`);
  const { targets, candidates, catalogueItems, sampledItems, historyFilter, selection, splitKnown } =
    protocol;
  const { split, validation } = readSplit(protocol.split);
  const items = {
    catalogue: `all ${grouped(catalogueItems)} items`,
    'interacted-items': 'all items with interactions',
    sampled: `${grouped(sampledItems)} sampled candidates`,
  }[candidates];
  return [
    splitKnown
      ? 'split unknown'
      : splitWords(splitOf({ ...protocol, split })) +
        (validation ? '' : ' without validation') +
        (targets ? TARGETS[targets] : ''),
    `${items} ranked`,
    FILTERS[historyFilter],
    SELECTIONS[selection],
  ];
}

function countedOf(protocol: TokeniserProtocol, stated: StatedSplit): string {
  const { split, validation } = readSplit(stated);
  return splitOf({ ...protocol, split }).trainedOn(validation);
}

/** The first fields of a protocol that ranks no catalogue. */
function otherFacts(protocol: Protocol): [title: string, value: string][] {
  const others = protocolRows(protocol).filter(({ field }) => field !== 'version' && field !== 'dataset');
  return others.slice(0, SHOWN).map(({ title, value }) => [title, value]);
}
