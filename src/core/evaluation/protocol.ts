import { createHash } from 'node:crypto';
import type { Protocol } from './types.ts';

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
function normalised<T extends Partial<Protocol>>(protocol: T): T {
  const { cutoffs } = protocol;
  return cutoffs ? { ...protocol, cutoffs: [...new Set(cutoffs)].sort((a, b) => a - b) } : protocol;
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
export function comparisonKey({ targetTime: _, ...protocol }: Protocol): string {
  return protocolFingerprint(protocol);
}

/** What a reader calls each field. */
const fieldTitles: Record<keyof Protocol, string> = {
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
};

/** Field and value of a protocol as a reader sees them, in a fixed order; unknown fields follow under their own name. */
export function protocolRows(protocol: Protocol): { field: string; title: string; value: string }[] {
  const plain: Record<string, unknown> = { ...normalised(protocol) };
  const fields = [...new Set([...Object.keys(fieldTitles), ...Object.keys(plain)])];
  return fields
    .filter((field) => plain[field] !== undefined)
    .map((field) => ({
      field,
      title: fieldTitles[field as keyof Protocol] ?? field,
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
export function protocolDifferences(a: Partial<Protocol>, b: Partial<Protocol>): string[] {
  const left: Record<string, unknown> = { ...normalised(a) };
  const right: Record<string, unknown> = { ...normalised(b) };
  const fields = [...new Set([...Object.keys(fieldTitles), ...Object.keys(left), ...Object.keys(right)])];
  const differing = fields.filter((field) => canonicalJson(left[field]) !== canonicalJson(right[field]));
  return differing.map((field) => {
    const title = fieldTitles[field as keyof Protocol] ?? field;
    const [one, other] = [left[field], right[field]].map((value) =>
      value === undefined ? 'not stated' : readable(field, value),
    );
    return `${title}: ${one} against ${other}`;
  });
}
