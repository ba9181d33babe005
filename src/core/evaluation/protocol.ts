import { createHash } from 'node:crypto';
import type { NextItemProtocol, Protocol, ProtocolField } from './types.ts';

/** A protocol, or what is known of one. */
type Stated = { readonly [Field in ProtocolField]?: unknown };

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
function normalised(protocol: Stated): Stated {
  const { cutoffs } = protocol as Partial<NextItemProtocol>;
  return cutoffs ? { ...protocol, cutoffs: [...new Set(cutoffs)].sort((a, b) => a - b) } : protocol;
}

/** What the measured model knew of the time of the interaction it predicted; undefined where it reads no times. */
export function targetTimeOf(protocol: Protocol | null | undefined): NextItemProtocol['targetTime'] {
  return protocol && protocol.task === undefined ? protocol.targetTime : undefined;
}

/** The first 12 hexadecimal digits of the sha256 of the protocol's canonical JSON. */
export function protocolFingerprint(protocol: Protocol): string {
  return createHash('sha256')
    .update(canonicalJson(normalised(protocol)))
    .digest('hex')
    .slice(0, 12);
}

/**
 * Protocols with one key may be compared. What a model knows of the target's time is in the fingerprint but not in the
 * key: it is a property of the model, which a comparison has to say.
 */
export function comparisonKey(protocol: Protocol): string {
  return protocolFingerprint(withoutTargetTime(protocol));
}

export function withoutTargetTime(protocol: Protocol): Protocol {
  if (protocol.task !== undefined) return protocol;
  const { targetTime: _, ...shared } = protocol;
  return shared;
}

/** What a reader calls each field. */
const fieldTitles: Record<ProtocolField, string> = {
  task: 'task',
  dataset: 'data set fingerprint',
  split: 'split',
  target: 'metrics of',
  ties: 'order of equal time stamps',
  candidates: 'candidates',
  catalogueItems: 'items of the catalogue',
  historyFilter: 'history filter',
  historyWindow: 'interactions filtered',
  rankTies: 'rank ties',
  rankLimit: 'ranks kept',
  cutoffs: 'cut-offs',
  selection: 'checkpoint selection',
  testHistory: 'history at test time',
  targetTime: 'time of the target',
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
};

/** Field and value of a protocol as a reader sees them, in a fixed order; unknown fields follow under their own name. */
export function protocolRows(protocol: Protocol): { field: string; title: string; value: string }[] {
  const plain: Record<string, unknown> = { ...normalised(protocol) };
  const fields = [...new Set([...Object.keys(fieldTitles), ...Object.keys(plain)])];
  return fields
    .filter((field) => plain[field] !== undefined)
    .map((field) => ({
      field,
      title: fieldTitles[field as ProtocolField] ?? field,
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
export function protocolDifferences(a: Stated, b: Stated): string[] {
  const left: Record<string, unknown> = { ...normalised(a) };
  const right: Record<string, unknown> = { ...normalised(b) };
  const fields = [...new Set([...Object.keys(fieldTitles), ...Object.keys(left), ...Object.keys(right)])];
  const differing = fields.filter((field) => canonicalJson(left[field]) !== canonicalJson(right[field]));
  return differing.map((field) => {
    const title = fieldTitles[field as ProtocolField] ?? field;
    const [one, other] = [left[field], right[field]].map((value) =>
      value === undefined ? 'not stated' : readable(field, value),
    );
    return `${title}: ${one} against ${other}`;
  });
}
