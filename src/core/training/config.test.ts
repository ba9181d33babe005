import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../families/registry.ts';

describe('the protocol in a config', () => {
  it('changes what belongs to it, under a preset and what the user asks for', () => {
    const overrides = { protocol: 'paper' };
    expect(resolveConfig('sasrec', { overrides })).toMatchObject({
      historyFilter: 'window',
      historyWindow: 200,
      rankLimit: 2500,
      candidates: 'catalogue',
      selection: 'test/ndcg@10',
      patience: 0,
    });
    expect(resolveConfig('sasrec', { preset: 'beauty', overrides })).toMatchObject({
      patience: 8,
      selection: 'test/ndcg@10',
    });
    const own = { ...overrides, historyFilter: 'all', selection: 'final-epoch' };
    expect(resolveConfig('sasrec', { overrides: own })).toMatchObject(own);
    expect(resolveConfig('popularity', { overrides })).toEqual({
      ...overrides,
      ...{
        split: 'leave-last-out',
        validShare: 0.1,
        testShare: 0.1,
        foldIn: 0.8,
        userSeed: 1,
        windows: 3,
        window: 1,
        targets: 'first',
        testUsers: 0,
      },
      trainUsers: 1,
      historyFilter: 'window',
      historyWindow: 200,
      rankLimit: 2500,
      candidates: 'catalogue',
      coldItems: 0,
      coldSeed: 1,
    });
  });

  it('is whole once resolved: resolving it again changes nothing', () => {
    const config = resolveConfig('sasrec', { preset: 'ml-1m', overrides: { protocol: 'paper' } });
    expect(resolveConfig('sasrec', { overrides: config })).toEqual(config);
  });

  it('refuses to select on items that it does not hold out, and on the test items in silence', () => {
    const paper = { protocol: 'paper', selection: 'valid/mrr' };
    expect(() => resolveConfig('sasrec', { overrides: paper })).toThrow(
      /"selection": valid\/mrr needs validation/,
    );
    expect(() => resolveConfig('sasrec', { overrides: { selection: 'test/mrr' } })).toThrow(
      'set protocol=paper',
    );
  });
});
