import { expect, it } from 'vitest';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { stateText, sweepStatement } from './sweep-words.ts';

const trial = (
  settings: SweepTrial['settings'],
  rank: number | null = null,
  status: SweepTrial['status'] = 'completed',
) => ({ settings, status, rank, value: rank && { mean: 1 / rank, std: null } }) as SweepTrial;

const stated = (trials: SweepTrial[], sweep: Partial<SweepSpec['sweep']> = {}) =>
  sweepStatement(
    { sweep: { metric: 'valid/ndcg@10', search: 'grid', ...sweep } } as unknown as SweepSpec,
    trials,
  );

it('names the best settings, and says how far they are the best', () => {
  const best = trial({ learningRate: 0.003, dropout: 0.5 }, 1);
  const other = { learningRate: 0.01, dropout: 0.5 };
  expect(stated([best, trial(other, null, 'running')])).toEqual({
    fact: 'Learning rate 0.003, dropout 0.5',
    limit: ' is best so far',
  });
  expect(stated([best, trial(other, 2)]).limit).toBe(' is best of 2 trials');
  const ended = [best, trial(other, 2), trial(other, null, 'failed'), trial(other)];
  expect(stated(ended).limit).toBe(' is best of 2 trials');
  expect(stated([...ended, trial(other, null, 'queued')]).limit).toBe(' is best so far');
  const many = trial({ learningRate: 1, dropout: 1, dim: 1, epochs: 1, heads: 1, blocks: 1 }, 1);
  expect(stated([many]).fact).toMatch(/, epochs 1 and 2 other settings$/);
});

it('says what the others do while nothing has completed', () => {
  const trials = [
    trial({}, null, 'running'),
    trial({}, null, 'queued'),
    trial({}, null, 'failed'),
    trial({}, null, null),
  ];
  expect(stated(trials)).toEqual({
    fact: 'No trial has completed yet',
    limit: '; 1 running, 1 waiting, 2 not completed',
  });
  expect(stateText([trial({})])).toBe('');
});
