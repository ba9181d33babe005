import { expect, it } from 'vitest';
import type { SweepTrial } from '../../../core/api/studies.ts';
import { statementOf, stateText } from './sweep-words.ts';

const trial = (settings: SweepTrial['settings'], status: SweepTrial['status'] = 'completed') =>
  ({ settings, status }) as SweepTrial;

it('names the best settings, and says how far they are the best', () => {
  const best = trial({ learningRate: 0.003, dropout: 0.5 });
  const trials = [best, trial({ learningRate: 0.01, dropout: 0.5 }, 'running')];
  expect(statementOf({ best, done: 1, trials })).toEqual({
    fact: 'Learning rate 0.003, dropout 0.5',
    limit: ' is best so far',
  });
  expect(statementOf({ best, done: 2, trials }).limit).toBe(' is best of 2 trials');
  const many = trial({ learningRate: 1, dropout: 1, dim: 1, epochs: 1, heads: 1, blocks: 1 });
  expect(statementOf({ best: many, done: 1, trials: [many] }).fact).toMatch(
    /, epochs 1 and 2 other settings$/,
  );
});

it('says what the others do while nothing has completed', () => {
  const trials = [trial({}, 'running'), trial({}, 'queued'), trial({}, 'failed'), trial({}, null)];
  expect(statementOf({ best: null, done: 0, trials })).toEqual({
    fact: 'No trial has completed yet',
    limit: '; 1 running, 1 waiting, 2 not completed',
  });
  expect(stateText([trial({})])).toBe('');
});
