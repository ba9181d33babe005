import { describe, expect, it } from 'vitest';
import { canonicalJson, protocolDifferences, protocolFingerprint, protocolRows } from './protocol.ts';
import type { NextItemProtocol } from './types.ts';

const protocol: NextItemProtocol = {
  dataset: 'a'.repeat(64),
  split: 'leave-last-out',
  target: 'test',
  ties: 'file',
  candidates: 'interacted-items',
  historyFilter: 'all',
  rankTies: 'pessimistic',
  cutoffs: [10, 50],
  selection: 'validation',
  testHistory: 'with-validation-item',
};

describe('protocol', () => {
  it('has one fingerprint whatever the order of keys and cut-offs', () => {
    const shuffled = Object.fromEntries(Object.entries(protocol).reverse()) as unknown as NextItemProtocol;
    expect(protocolFingerprint({ ...shuffled, cutoffs: [50, 10] })).toBe(protocolFingerprint(protocol));
    expect(protocolFingerprint(protocol)).toMatch(/^[0-9a-f]{12}$/);
  });

  it('changes with every field, and says which', () => {
    const changes: [Partial<NextItemProtocol>, string][] = [
      [{ dataset: 'b'.repeat(64) }, 'data set fingerprint: aaaaaaaaaaaa against bbbbbbbbbbbb'],
      [{ ties: 'shuffle(3)' }, 'order of equal time stamps: file against shuffle(3)'],
      [{ candidates: 'catalogue' }, 'candidates: interacted-items against catalogue'],
      [{ historyFilter: 'none' }, 'history filter: all against none'],
      [{ splitKnown: 'no' }, 'split known: yes against no'],
      [{ cutoffs: [10] }, 'cut-offs: 10, 50 against 10'],
      [{ selection: 'final-epoch' }, 'checkpoint selection: validation against final-epoch'],
    ];
    for (const [change, text] of changes) {
      const other = { ...protocol, ...change };
      expect(protocolFingerprint(other)).not.toBe(protocolFingerprint(protocol));
      expect(protocolDifferences(protocol, other)).toEqual([text]);
    }
    expect(protocolDifferences(protocol, { ...protocol })).toEqual([]);
  });

  it('writes canonical JSON', () => {
    expect(canonicalJson({ b: [1, undefined], a: { d: 'x"', c: undefined } })).toBe(
      '{"a":{"d":"x\\""},"b":[1,null]}',
    );
  });

  it('lists its fields for a reader', () => {
    expect(protocolRows(protocol)[0]).toEqual({
      field: 'dataset',
      title: 'data set fingerprint',
      value: 'aaaaaaaaaaaa',
    });
    expect(protocolRows(protocol)).toHaveLength(10);
  });
});
