import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { writePredictions } from '../../../core/evaluation/predictions-file.ts';
import type { ClickProtocol, NextItemProtocol, Protocol, UserRanks } from '../../../core/evaluation/types.ts';
import { Random } from '../../../core/math/random.ts';
import type { Store } from '../../../core/store/store.ts';
import { languageLadder, runsOfModel } from './language-ladder.ts';

const likes: ClickProtocol = {
  ...{ version: 2, task: 'ranking', dataset: 'd', labels: 'rating', tasks: ['like'], split: 'last' },
  ...{ target: 'test', selection: 'validation' },
};
const lists: NextItemProtocol = {
  ...{
    version: 2,
    dataset: 'd',
    split: 'leave-last-out',
    target: 'test',
    ties: 'file',
    candidates: 'interacted-items',
  },
  ...{ historyFilter: 'all', rankTies: 'pessimistic', cutoffs: [10], selection: 'validation' },
  testHistory: 'with-validation-item',
};

interface Made {
  model?: string;
  name: string;
  config: Record<string, unknown>;
  metrics?: Record<string, number>;
  protocol?: Protocol;
  /** Users that were asked. */
  users?: number;
}

/** A run that answered, or ranked, with a skill that its seed says. */
function made(
  store: Store,
  { model = 'brew', name, config, metrics = {}, users = 60, protocol = likes }: Made,
) {
  const { id } = addRun(store, { model, name, config });
  const random = new Random(name.length);
  const all = Int32Array.from({ length: users }, (_, user) => user);
  const ranks: UserRanks = {
    ...{ split: 'test', candidates: 50, users: all, targets: all, topK: 0, topItems: new Int32Array() },
    ...{ ranks: all.map(() => 1 + random.below(20)), historyLengths: all },
  };
  const isRanked = protocol.task === undefined;
  const result: Record<string, number> = isRanked
    ? { 'test/ndcg@10': 0.1, 'valid/ndcg@10': 0.1 }
    : { 'test/auc': 0.5, 'valid/loss': 1 };
  completeRun(store, id, { protocol, metrics: { ...result, ...metrics } });
  if (isRanked) store.ranks.save(id, ranks);
  else
    writePredictions(store.runs.folder(id), {
      ...{
        split: 'test',
        tasks: likes.tasks,
        rows: all,
        users: all,
        items: all,
        itemCounts: all,
        userCounts: all,
      },
      labels: [Uint8Array.from(all, (user) => user % 2)],
      logits: [Float32Array.from(all, (user) => (user % 2) + random.normal())],
    });
  return id;
}

it('leads from the pretrained model as it is to a rewarded run, beside the best of other models and one from scratch', () => {
  const store = temporaryStore();
  const weights = '/models/tiny.gguf';
  const tuned = { stage: 'fine-tuning', shots: 5, weights, epochs: 2, loraRank: 8 };
  const [none, five] = [0, 5].map((shots) =>
    made(store, { name: `as-it-is-${shots}`, config: { ...tuned, shots, epochs: 0 }, users: 50 }),
  );
  made(store, { name: 'elsewhere', config: { ...tuned, weights: '/other.gguf', epochs: 0 } });
  const lora = made(store, { name: 'lora', config: tuned });
  const words = made(store, {
    ...{ model: 'lc-rec', name: 'words', config: { languageFrom: lora, weights: '' }, protocol: lists },
  });
  const rewarded = made(store, {
    ...{ model: 'rewarded', name: 'rewarded', config: { policy: words, objective: 'grpo' }, protocol: lists },
  });
  const scratch = made(store, { name: 'scratch', config: { stage: 'fine-tuning', epochs: 2, weights: '' } });
  const dlrm = made(store, { model: 'dlrm', name: 'dlrm', config: {}, metrics: { 'valid/auc': 0.7 } });
  made(store, { model: 'dlrm', name: 'worse', config: {}, metrics: { 'valid/auc': 0.6 } });
  // Of other rows, and so of another comparison.
  made(store, {
    model: 'dlrm',
    name: 'x',
    config: {},
    protocol: { ...likes, split: 'random' },
    metrics: { 'valid/auc': 0.9 },
  });
  const sasrec = made(store, { model: 'sasrec', name: 'sasrec', config: {}, protocol: lists });

  const { runs, questions } = languageLadder(store, { run: rewarded });
  expect(runs.map(({ id, title, from, place }) => [id, title, from, place])).toEqual([
    [none, 'Pretrained, as it is, 0 shown', null, 1],
    [five, 'Pretrained, as it is, 5 shown', null, 2],
    [lora, 'LoRA on the question', five, 3],
    [words, 'Semantic IDs as words', lora, 4],
    [rewarded, 'Rewarded, GRPO', words, 5],
    [dlrm, 'DLRM', null, null],
    [scratch, 'Fine-tuning on the question, from scratch', null, null],
    [sasrec, 'SASRec', null, null],
  ]);
  const [like, next] = questions;
  expect(like).toMatchObject({ question: 'like', target: lora, unit: 'rows', count: 50, leftOut: 10 });
  expect(like.rows.map(({ run, toBefore, toTarget }) => [run, toBefore !== null, toTarget !== null])).toEqual(
    [
      [none, false, true],
      [five, false, true],
      [lora, true, false],
      [dlrm, false, true],
      [scratch, false, true],
    ],
  );
  expect(like.rows.map(({ before }) => before)).toEqual([null, null, five, null, null]);
  expect(like.absent).toEqual([
    { run: words, reason: 'not asked' },
    { run: rewarded, reason: 'not asked' },
  ]);
  expect(next).toMatchObject({ question: 'next', target: rewarded, count: 60, leftOut: 0 });
  // What IDs began with has none: no row stands before theirs.
  expect(next.rows.map(({ run, toBefore }) => [run, toBefore !== null])).toEqual([
    [words, false],
    [rewarded, true],
    [sasrec, false],
  ]);
  expect(next.rows.map(({ before }) => before)).toEqual([null, words, null]);
  expect(runsOfModel(store, { path: weights }).map(({ id }) => id)).toEqual([
    rewarded,
    words,
    lora,
    five,
    none,
  ]);
  expect(runsOfModel(store, { path: weights })[0].result).toMatchObject({
    label: 'NDCG@10',
    value: next.rows[1].value,
  });
});

it('offers what may follow a stage with what it begins with, and what was not asked before the first', () => {
  const store = temporaryStore();
  const weights = '/models/tiny.gguf';
  const tuned = { stage: 'fine-tuning', shots: 5, weights, epochs: 2, loraRank: 8, likeFrom: 3 };
  const next = (run: string) => languageLadder(store, { run }).next;
  const lora = made(store, { name: 'lora', config: tuned });
  expect(next(lora)).toEqual([
    {
      ...{ title: 'Semantic IDs as words, LoRA', model: 'lc-rec' },
      overrides: { loraRank: 8, recomputeBlocks: true, languageFrom: lora },
    },
    {
      ...{ title: 'Pretrained, as it is', model: 'brew' },
      overrides: { stage: 'fine-tuning', weights, epochs: 0, shots: 5, likeFrom: 3 },
    },
    {
      ...{ title: 'Pretrained, as it is, no past interactions', model: 'brew' },
      overrides: { stage: 'fine-tuning', weights, epochs: 0, shots: 0, likeFrom: 3 },
    },
  ]);
  const asItIs = made(store, { name: 'as-it-is', config: { ...tuned, epochs: 0 } });
  expect(next(lora).map(({ title }) => title)).toEqual([
    'Semantic IDs as words, LoRA',
    'Pretrained, as it is, no past interactions',
  ]);
  expect(next(asItIs).map(({ title, overrides }) => [title, overrides.weights])).toEqual([
    ['LoRA on the question', weights],
    ['Semantic IDs as words, LoRA', weights],
  ]);
  const words = made(store, {
    ...{ model: 'lc-rec', name: 'words', config: { languageFrom: lora, weights: '' }, protocol: lists },
  });
  expect(next(words)[0]).toEqual({
    title: 'Rewarded, GRPO',
    model: 'rewarded',
    overrides: { policy: words },
  });
  const rewarded = made(store, {
    ...{ model: 'rewarded', name: 'rewarded', config: { policy: words }, protocol: lists },
  });
  expect(next(rewarded).every(({ model }) => model === 'brew')).toBe(true);
  const scratch = { stage: 'pretraining', epochs: 1, weights: '', shots: 5 };
  const first = made(store, { name: 'first', config: scratch });
  expect(next(first).map(({ title, overrides }) => [title, overrides.startFrom])).toEqual([
    ['Instruction tuning', first],
    ['Fine-tuning on the question', first],
    ['Semantic IDs as words', undefined],
  ]);
  const failed = addRun(store, { model: 'brew', name: 'failed', config: scratch });
  expect(next(failed.id)).toEqual([]);
});

it('says how the protocol of a stage differs, and compares nothing when one run is all there is', () => {
  const store = temporaryStore();
  const first = made(store, {
    ...{ name: 'first', config: { stage: 'instruction', epochs: 1, weights: '' } },
    protocol: { ...likes, tasks: ['rating >= 5'] },
  });
  const second = made(store, {
    name: 'second',
    config: { stage: 'fine-tuning', epochs: 1, startFrom: first, weights: '' },
  });
  expect(languageLadder(store, { run: second }).questions).toEqual([]);
  made(store, { model: 'popularity', name: 'p', config: {}, metrics: { 'valid/auc': 0.5 } });
  const [question] = languageLadder(store, { run: second }).questions;
  expect(question.absent).toEqual([
    {
      run: first,
      reason: 'measured otherwise than 360Brew: predicted labels: rating >= 5 against like',
    },
  ]);
  expect(question.rows).toHaveLength(2);
  // The stage between is no row, so that nothing stands before this one.
  expect(question.rows.map(({ before }) => before)).toEqual([null, null]);
});
