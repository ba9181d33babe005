import { expect, it } from 'vitest';
import type { RunPage } from '../../../core/api/runs.ts';
import { earlyEnd, formulaOf, type RewardConfig, rewardFacts, rewardOf, stopRules } from './reward-words.ts';
import { rowsText, taskShares, type WordsConfig, wordsOf } from './word-facts.ts';

const config: RewardConfig = {
  ...{ policy: 'p', tokeniser: 't', objective: 'grpo', group: 16, drawing: 'sample', drawingTemperature: 2 },
  ...{ reward: 'hit', updates: 1, clipRange: 0.2, klWeight: 0.001, klLimit: 0.08, leastDistinct: 0.7 },
  ...{ preferenceScale: 1, negatives: 3, negativeItems: 'any', epochs: 10, patience: 3, evaluateEvery: 2 },
  selection: 'valid/ndcg@10',
};

const page = (last: Record<string, number>, epochs: number | null = null) =>
  ({
    run: { epochs },
    series: Object.entries(last).map(([metric, value]) => ({ metric, last: value })),
  }) as unknown as Pick<RunPage, 'run' | 'series'>;

it('says how near a training by reward is to each of its ends', () => {
  const rules = stopRules(config, page({ 'train/kl': 0.07, 'train/distinct': 0.85 }), [0.1, 0.3, 0.2, 0.3]);
  expect(rules.map(({ id, nearness, value, warns }) => [id, nearness, value, warns])).toEqual([
    ['patience', expect.closeTo(2 / 3), '2 of 3', true],
    ['kl', expect.closeTo(0.875), '0.0700', true],
    ['distinct', expect.closeTo(0.5), '0.85', false],
    // Before the first epoch it validates, too.
    ['epochs', expect.closeTo(0.6), '6', false],
  ]);
  const begun = stopRules({ ...config, leastDistinct: 0, patience: 0 }, page({}), []);
  expect(begun.map(({ id, nearness, value }) => [id, nearness, value])).toEqual([
    ['kl', null, '–'],
    ['epochs', 0, '0'],
  ]);
  // Preferences have neither drawn IDs nor a divergence.
  expect(stopRules({ ...config, objective: 's-dpo' }, page({}), []).map(({ id }) => id)).toEqual([
    'patience',
    'epochs',
  ]);
});

it('names group, reward and formula with the settings of the run', () => {
  const facts = Object.fromEntries(rewardFacts(config));
  expect(facts.Group).toBe('16 IDs a history, drawn at temperature 2');
  expect(facts.Reward).toBe('1 of the item that came next, else 0');
  expect(formulaOf(config)).toContain('clip(w, 1 ± 0.2)');
  const preferred = { ...config, objective: 's-dpo' as const };
  expect(Object.fromEntries(rewardFacts(preferred)).Group).toBe('the next item and 3 negatives (any)');
  expect(rewardOf({ model: 'rewarded', config })).toEqual(config);
  expect(rewardOf({ model: 'rewarded', config: { ...config, klLimit: undefined } })?.klLimit).toBe(0);
  expect(rewardOf({ model: 'tiger', config })).toBeNull();
  expect(earlyEnd('Start from: run a is in the trash; Stopped early: no better validation in 3')).toBe(
    'No better validation in 3',
  );
  expect(earlyEnd(null)).toBeNull();
});

it('says which tasks are mixed, and what codes begin as', () => {
  const words: WordsConfig = {
    ...{ tokeniser: 't', collisionToken: true, shuffleIds: 0, weights: '', languageFrom: '', startFrom: '' },
    ...{ newRows: 'mean', historyShare: 4, itemToIdShare: 1, idToTitleShare: 0, loraRank: 0 },
    loraTargets: 'all',
  };
  expect(taskShares(words)).toEqual([
    { task: 'Next items of a history', share: 0.8 },
    { task: 'ID of a title', share: 0.2 },
  ]);
  expect(rowsText(words, [256, 256, 256])).toMatch(/^768 new rows \(3 × 256\), and one for each number/);
  expect(rowsText({ ...words, collisionToken: false, newRows: 'random' }, [8, 16])).toBe(
    '24 new rows (8 + 16); each at first random',
  );
  expect(wordsOf({ model: 'lc-rec', config: { ...words } })).toEqual(words);
});
