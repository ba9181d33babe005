import { expect, test } from 'vitest';
import { protocolPhrase, settingsPhrase, settingTitle } from './setting-words.ts';

test('a setting is called what it is', () => {
  expect(['learningRate', 'dim', 'ffnDim', 'cpuGiB', 'qrThreshold'].map(settingTitle)).toEqual([
    'Learning rate',
    'Dimension',
    'Feed-forward width',
    'CPU (GiB)',
    'QR threshold',
  ]);
});

test('values of settings make one line', () => {
  const config = { dim: 64, blocks: 1, dropout: 0.5, loss: 'full-softmax', tokeniser: 'x' };
  expect(settingsPhrase(['tokeniser', 'dim', 'blocks', 'maxLength', 'loss'], config)).toBe(
    '64 wide, 1 block, softmax over all items',
  );
});

test('a protocol is said in words', () => {
  const config = { protocol: 'validated', candidates: 'interacted', historyFilter: 'all', coldItems: 0 };
  expect(protocolPhrase(config)).toBe(
    'Last item tests, the one before validates · full ranking · history filtered',
  );
  expect(protocolPhrase({ ...config, protocol: 'paper', historyFilter: 'window', coldItems: 0.1 })).toBe(
    'Last item selects and tests · full ranking · recent history filtered · 10 % of the items hidden',
  );
  expect(protocolPhrase({ dim: 3 })).toBeNull();
});
