import { createHash } from 'node:crypto';
import type { SplitSettings } from '../data/splits/index.ts';
import { keyWords } from '../names.ts';
import type { NextItemProtocol, Protocol, ProtocolField } from './types.ts';

/** Of the protocols that results state from now on. Those without one are of version 1. */
export const PROTOCOL_VERSION = 2 as const;

/** A protocol, or what is known of one. */
type PartialProtocol = { readonly [Field in ProtocolField]?: unknown };

/**
 * JSON with sorted keys and no spaces, so that equal values give equal text. Keys whose value is undefined are
 * left out; numbers are written as JSON writes them.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Cut-offs are a set: their order and repetition say nothing about the protocol. */
function normalised(protocol: PartialProtocol): PartialProtocol {
  const { cutoffs } = protocol as Partial<NextItemProtocol>;
  return cutoffs ? { ...protocol, cutoffs: [...new Set(cutoffs)].sort((a, b) => a - b) } : protocol;
}

/** What the measured model knew of the time of the interaction it predicted; undefined where it reads no times. */
export function targetTimeOf(protocol: Protocol | null | undefined): NextItemProtocol['targetTime'] {
  return protocol && protocol.task === undefined ? protocol.targetTime : undefined;
}

/** How the measured items are held out; null where that is not known. */
export function splitOf(protocol: Protocol | null | undefined): string | null {
  return protocol && 'split' in protocol ? (protocol.split ?? null) : null;
}

/** The first 12 hexadecimal digits of the sha256 of the protocol's canonical JSON. */
export function protocolFingerprint(protocol: Protocol): string {
  return createHash('sha256')
    .update(canonicalJson(normalised(protocol)))
    .digest('hex')
    .slice(0, 12);
}

/**
 * Protocols with one key may be compared. In the fingerprint but not in the key is what a comparison has to say instead:
 * properties of the model (whether it knows the target's time, how it generates lists), what the results rest on, and which
 * of the users were evaluated.
 */
export function comparisonKey(protocol: Protocol): string {
  return protocolFingerprint(withoutProperties(assumed(protocol)));
}

/** With what usually chooses the checkpoint where nobody has said it: a comparison says so beside the row. */
function assumed(protocol: Protocol): Protocol {
  if (!('selection' in protocol) || protocol.selection !== 'unknown') return protocol;
  return { ...protocol, selection: protocol.split.endsWith('-without-validation') ? 'test' : 'validation' };
}

/** The key that version 1 had, which took no hashes of ratings, times and actions into account. */
export function keyOfVersion1(protocol: Protocol): string {
  if (protocol.task !== 'ranking' && protocol.task !== 'language') return comparisonKey(protocol);
  const { ratings: _, times: __, actions: ___, ...others } = protocol;
  return comparisonKey(others);
}

/**
 * Why results of two protocols are not compared: how the first field that counts differs; null where they are. One of version 1 agrees in
 * what it states.
 */
export function reasonApart(a: Protocol, b: Protocol): string | null {
  const key = a.version && b.version ? comparisonKey : keyOfVersion1;
  if (key(a) === key(b)) return null;
  const [difference = 'another protocol'] = protocolDifferences(withoutProperties(a), withoutProperties(b));
  return difference;
}

const PROPERTIES = [
  'version',
  'sources',
  'unknownSources',
  'plugins',
  'samples',
  'targetTime',
  'generation',
] as const;

/** Without the properties, or only without some of them. */
export function withoutProperties(protocol: Protocol, left: readonly string[] = PROPERTIES): Protocol {
  return Object.fromEntries(
    Object.entries(protocol).filter(([field]) => !left.includes(field)),
  ) as unknown as Protocol;
}

/** The first of several protocols of one key, without the properties that they differ in. */
export function sharedProtocol(protocols: readonly Protocol[]): Protocol | null {
  if (protocols.length === 0) return null;
  const isSaid = (one: Protocol) => !('selection' in one) || one.selection !== 'unknown';
  const statedBy = (protocol: Protocol, field: string) =>
    canonicalJson((protocol as unknown as Record<string, unknown>)[field]);
  const first = protocols.find(isSaid) ?? protocols[0];
  const differing = PROPERTIES.filter((field) =>
    protocols.some((protocol) => statedBy(protocol, field) !== statedBy(first, field)),
  );
  return withoutProperties(first, differing);
}

/** What a reader calls each field; others, settings of splits among them, are called as their keys. */
const fieldTitles: Record<Exclude<ProtocolField, keyof SplitSettings>, string> &
  Partial<Record<ProtocolField, string>> = {
  version: 'version of the protocol',
  task: 'task',
  dataset: 'data set fingerprint',
  split: 'split',
  splitKnown: 'split known',
  target: 'measured on',
  targets: 'held-out items per user',
  ties: 'order of equal time stamps',
  candidates: 'candidates',
  catalogueItems: 'items of the catalogue',
  sampledItems: 'sampled candidates per user',
  sampledBy: 'negatives drawn',
  sampledSeed: 'seed of the negatives',
  historyFilter: 'history filter',
  historyWindow: 'interactions filtered',
  rankTies: 'rank ties',
  rankLimit: 'ranks kept',
  cutoffs: 'cut-offs',
  selection: 'checkpoint selection',
  testHistory: 'history at test time',
  targetTime: 'time of the target',
  coldItems: 'items hidden from training',
  coldSeed: 'seed of the hidden items',
  generation: 'lists generated by',
  items: 'items',
  labels: 'labels',
  tasks: 'predicted labels',
  negatives: 'sampled negatives a positive',
  validShare: 'share for validation',
  testShare: 'share for the test',
  hiddenItems: 'share of items hidden from training',
  splitSeed: 'seed of the split',
  question: 'question',
  users: 'users',
  ratings: 'hash of the ratings',
  times: 'hash of the times',
  actions: 'hash of the actions',
  samples: 'users evaluated',
  sources: 'source runs have learnt from',
  unknownSources: 'of unknown provenance',
  plugins: 'not part of Tessera',
};

/** What it means that a field is left out. */
const UNSTATED: Readonly<Record<string, string>> = { targets: 'first', splitKnown: 'yes' };

/** Field and value of a protocol as a reader sees them, in a fixed order; unknown fields follow under their own name. */
export function protocolRows(protocol: Protocol): { field: string; title: string; value: string }[] {
  const plain: Record<string, unknown> = { ...normalised(protocol) };
  const fields = [...new Set([...Object.keys(fieldTitles), ...Object.keys(plain)])];
  return fields
    .filter((field) => plain[field] !== undefined)
    .map((field) => ({
      field,
      title: fieldTitles[field as ProtocolField] ?? keyWords(field),
      value: readable(field, plain[field]),
    }));
}

function readable(field: string, value: unknown): string {
  if (field === 'dataset') return String(value).slice(0, 12);
  if (field === 'selection' && value === 'test') return 'test items (optimistic)';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : canonicalJson(value);
}

/**
 * One line a field that differs, for example "checkpoint selection: validation against final-epoch";
 * empty when the fingerprints are equal.
 */
export function protocolDifferences(a: PartialProtocol, b: PartialProtocol): string[] {
  const left: Record<string, unknown> = { ...normalised(a) };
  const right: Record<string, unknown> = { ...normalised(b) };
  const fields = [...new Set([...Object.keys(fieldTitles), ...Object.keys(left), ...Object.keys(right)])];
  const differing = fields.filter((field) => canonicalJson(left[field]) !== canonicalJson(right[field]));
  return differing.map((field) => {
    const title = fieldTitles[field as ProtocolField] ?? keyWords(field);
    const [one, other] = [left[field], right[field]].map((value) =>
      value === undefined ? (UNSTATED[field] ?? 'not recorded') : readable(field, value),
    );
    return `${title}: ${one} against ${other}`;
  });
}
