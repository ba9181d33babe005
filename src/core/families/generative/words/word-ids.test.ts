/** A language model with codes as words: what it computes, what it begins with, and its trainings on a generated data set. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  home,
  prepared,
  testRanks,
  tokeniser,
  trainOnSample,
} from '../../../../../test/semantic-ids/sample-ids.ts';
import { importDataset } from '../../../data/import/import.ts';
import type { Interactions } from '../../../data/types.ts';
import { readTokenizerFile, TextTokenizer } from '../../../decoders/text/tokenizer.ts';
import { OnnxDeviceContext } from '../../../engine/devices/onnx-session.ts';
import * as tf from '../../../engine/tf.ts';
import { namedTensors, readSafetensors } from '../../../files/safetensors.ts';
import { initialise } from '../../../layers/index.ts';
import { readCheckpoint } from '../../../training/checkpoints.ts';
import { recommend } from '../../recommend.ts';
import { resolveConfig } from '../../registry.ts';
import { catalogueOf, tokenLevels } from '../code-tokens.ts';
import { CodeSources, teacherTokens } from '../generative-batches.ts';
import { lcRecSchema } from '../models/lc-rec.ts';
import { rewarded } from '../models/rewarded.ts';
import { prepareWords } from './prepare-words.ts';
import { meanRows } from './starting-values.ts';
import { WordBatches } from './word-batches.ts';
import { readWordFiles } from './word-files.ts';
import { WordIds } from './word-ids.ts';

const GGUF = join(import.meta.dirname, '../../../../../test/language/gguf/llama.gguf');

const small = {
  ...{ tokeniser: 'ids', dim: 16, heads: 2, blocks: 2, ffnDim: 16, vocabulary: 300, maxLength: 3 },
  ...{ epochs: 2, epochSteps: 12, learningRate: 0.01, patience: 0, batchSize: 32, microBatchTokens: 2048 },
  ...{ validationUsers: 10, validationBeams: 10, beams: 12 },
};

const sizes = {
  ...{ vocabulary: 9, dim: 8, blocks: 2, heads: 4, kvHeads: 2, headDim: 4, ffnDim: 12 },
  ...{ tiedHead: false, ropeTheta: 10000, normEpsilon: 1e-5, context: 32 },
};

/** Eight items of three levels, two of them with the same first two codes. */
const levels = tokenLevels([3, 3, 2]);
const ids = [
  [0, 0, 0],
  [0, 0, 1],
  [0, 2, 1],
  [1, 1, 0],
  [1, 0, 1],
  [2, 2, 0],
  [2, 0, 0],
  [2, 1, 1],
];
const items = {
  levels,
  tokens: Int32Array.from(ids.flatMap((id) => id.map((code, level) => levels.starts[level] + code))),
};

function tiny(windows?: readonly (number | null)[]) {
  const config = lcRecSchema.parse({ tokeniser: 'ids', maxLength: 3 });
  const options = { prompt: [1, 4, 2], adapters: null, dropout: 0, recompute: false };
  return new WordIds(config, levels, { ...options, sizes: { ...sizes, windows } });
}

test.each([undefined, [null, 4]])(
  'lists have the log-probabilities that training computes, windows %o',
  async (windows) => {
    const model = tiny(windows);
    const values = initialise(model.parameters, 7);
    const shape = { rows: 2, length: 3 };
    const sources = new CodeSources(model, items, shape);
    const histories = [[0, 3, 5], [6]];
    for (const [row, history] of histories.entries()) sources.write(row, row, history);
    const targets = [4, 2];
    const { labels, decoderTokens } = teacherTokens(items, targets);
    const parameters = Object.fromEntries(
      Object.entries(model.parameters).map(([name, { shape }]) => [
        name,
        tf.tensor(values[name], [...shape]),
      ]),
    );
    const inputs = {
      tokens: tf.tensor(sources.arrays.tokens, [2, model.sourceLength(3)], 'int32'),
      present: tf.tensor(sources.arrays.present, [2, model.sourceLength(3)]),
      decoderTokens: tf.tensor(decoderTokens, [2, 3], 'int32'),
    };
    const byLevel = model
      .levelLogits(parameters, inputs)
      .map((logits) => tf.logSoftmax(logits).arraySync() as number[][]);
    const ours = targets.map((_, row) =>
      byLevel.reduce(
        (sum, logs, level) => sum + logs[row][labels[row * 3 + level] - levels.starts[level]],
        0,
      ),
    );
    // The plain reading of the whole row at once, as training has it: words, codes and the target in one segment.
    const plainly = (history: number[], target: number) => {
      const codes = [...history, target].flatMap((item) => [
        ...items.tokens.subarray(3 * item, 3 * item + 3),
      ]);
      const row = [1, 4, 2, ...codes.map((token) => 8 + token)];
      const cells = (values: number[]) => tf.tensor([values], [1, values.length], 'int32');
      const given = { ids: cells(row), segments: cells(row.map(() => 1)), positions: cells([...row.keys()]) };
      const logOf = (level: number, token: number) => {
        const asked = {
          places: cells([row.length - 4 + level]),
          targets: cells([8 + token]),
          weights: tf.tensor([[1]]),
        };
        return -model.loss(parameters, { ...given, ...asked }).dataSync()[0];
      };
      return levels.sizes.reduce((sum, size, level) => {
        const logs = Array.from({ length: size }, (_, code) => logOf(level, levels.starts[level] + code));
        const all = Math.log(logs.reduce((total, log) => total + Math.exp(log), 0));
        return sum + logs[items.tokens[3 * target + level] - levels.starts[level]] - all;
      }, 0);
    };
    for (const [row, value] of ours.entries())
      expect(value).toBeCloseTo(plainly(histories[row], targets[row]), 4);
    const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
    await device.load(namedTensors(model.parameters, values));
    const decoder = model.decoder(device, { ...shape, width: 3 });
    const { trie } = catalogueOf({ ...items }, 8, null).search;
    const forced = targets.map((_, row) => labels.subarray(3 * row, 3 * row + 3));
    const { levels: found } = await decoder.search(sources.arrays, { mode: 'masked', trie, forced });
    for (const [row, value] of ours.entries()) expect(found[2].scores[3 * row]).toBeCloseTo(value, 4);
    await device.dispose();
  },
);

test('new rows are the mean of the words that a code stands for; hidden items and untitled ones lend none', () => {
  const table = Float32Array.of(1, 0, 0, 1, 4, 4, 8, 0);
  const titles = [[0, 1], [2], [3], [], [1], [1], [1], [1]];
  const hidden = Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0);
  const rows = meanRows(table, 2, catalogueOf(items, 8, hidden), titles);
  const row = (token: number) => [...rows.subarray(2 * (token - 1), 2 * token)];
  // Items 0 and 1: the means of their words are (0.5, 0.5) and (4, 4). Item 2 is hidden.
  expect(row(levels.starts[0])).toEqual([2.25, 2.25]);
  // Of the second level, code 1 is of item 3, without a title, and of item 7.
  expect(row(levels.starts[1] + 1)).toEqual([0, 1]);
  const none = meanRows(
    table,
    2,
    catalogueOf(items, 8, null),
    titles.map(() => []),
  );
  expect(none.every((value) => value === 0)).toBe(true);
});

const interactionsOf = (histories: readonly number[][]) =>
  ({
    ...{ users: histories.length, items: 8, catalogueItems: 8, times: null, ratings: null },
    offsets: Int32Array.from([0, ...histories.map((_, user) => histories.slice(0, user + 1).flat().length)]),
    itemIds: Int32Array.from(histories.flat()),
  }) as unknown as Interactions;

test('examples have their tasks and supervise what is asked; none knows a held-out interaction or a hidden item', () => {
  const data = interactionsOf([
    [0, 1, 4, 5, 6],
    [1, 5, 0, 3, 7],
  ]);
  const hidden = Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0);
  const titles = ids.map((_, item) => [item % 4, 5]);
  const files = { decoder: sizes, prompts: { history: [1, 4], title: [1, 6], id: [1, 7] }, end: 8, titles };
  const shares = { historyShare: 1, itemToIdShare: 1, idToTitleShare: 1 };
  const options = { ...shares, batchSize: 40, maxLength: 2, microBatchTokens: 320, seed: 5, firstCode: 9 };
  // The last two interactions of each user are held out.
  const batches = new WordBatches(data, Int32Array.of(3, 8), catalogueOf(items, 8, hidden), files, options);
  const seen: Record<string, number> = {};
  expect(batches.shapes).toEqual([{ rows: 2, length: 32 }]);
  const parts = batches.step(0, 0);
  // Of the rows that are computed all have tokens, but for one of the last part.
  const empty = parts.flatMap(({ shape, inputs }) =>
    Array.from({ length: shape.rows }, (_, row) => inputs.segments[row * shape.length]).filter(
      (of) => of === 0,
    ),
  );
  expect(parts.length).toBeGreaterThan(1);
  expect(empty.length).toBeLessThanOrEqual(1);
  expect(
    parts.reduce((sum, { inputs }) => sum + Array.from(inputs.weights).reduce((a, b) => a + b), 0),
  ).toBeCloseTo(1, 5);
  const itemOf = (codes: readonly number[]) =>
    ids.findIndex(
      (_, item) =>
        [...items.tokens.subarray(3 * item, 3 * item + 3)].join() === codes.map((code) => code - 8).join(),
    );
  for (const { inputs } of parts) {
    const { ids: tokens, segments, targets, places, weights } = inputs;
    for (const [at, position] of inputs.positions.entries()) {
      if (segments[at] === 0 || position !== 0) continue;
      let end = at + 1;
      while (end % 32 !== 0 && segments[end] === segments[at]) end++;
      const row = [...tokens.subarray(at, end)];
      const learnt = [...places.keys()].filter(
        (cell) => weights[cell] > 0 && places[cell] >= at && places[cell] < end,
      );
      const answer = learnt.map((cell) => targets[cell]);
      expect(answer).toEqual(row.slice(row.length - answer.length));
      const task = ({ 4: 'history', 6: 'title', 7: 'id' } as Record<number, string>)[row[1]];
      seen[task] = (seen[task] ?? 0) + 1;
      const codes = row.slice(2).filter((token) => token >= 9);
      const found = Array.from({ length: codes.length / 3 }, (_, item) =>
        itemOf(codes.slice(3 * item, 3 * item + 3)),
      );
      expect(found).not.toContain(2);
      if (task === 'history') {
        expect(['0,1', '0,1,4', '1,5', '1,5,0']).toContain(found.join());
        expect(answer).toHaveLength(codes.length - 3);
      }
      if (task === 'title') expect([row.slice(2, 4), answer]).toEqual([titles[found[0]], codes]);
      if (task === 'id') expect(answer).toEqual([...titles[found[0]], 8]);
    }
  }
  expect(Object.keys(seen).sort()).toEqual(['history', 'id', 'title']);
  expect(Object.values(seen).reduce((a, b) => a + b)).toBe(40);
});

test('titles are one line each, whatever they hold, and an item without one has none', async () => {
  const long = 'No spaces in it'.replaceAll(' ', '').repeat(700);
  const titled = ['"Two\nlines\u0007"', 'שלום \u202Eabc\u202C', long, '', '\u200B', 'A film (1999)'];
  const rows = titled.map((_, item) => `u${item % 2},i${item},${item}`);
  writeFileSync(join(home, 'odd.csv'), `user,item,timestamp\n${rows.join('\n')}\n`);
  writeFileSync(
    join(home, 'odd-items.csv'),
    `item,title\n${titled.map((title, at) => `i${at},${title}`).join('\n')}\n`,
  );
  const { id } = await importDataset(
    { paths: ['odd.csv', 'odd-items.csv'].map((file) => join(home, file)) },
    { home },
  );
  const spec = { datasetDir: join(home, 'datasets', id), runDir: join(home, 'odd'), sources: {} };
  await prepareWords({ ...small, vocabulary: 400 }, spec, levels);
  const tokenizer = new TextTokenizer(readTokenizerFile(join(home, 'odd', 'words', 'tokenizer.json')), 'odd');
  const texts = readWordFiles(spec.runDir).titles.map((title) => tokenizer.decode(title).trim());
  expect(texts[0]).toBe('Two lines');
  expect(texts[1]).toBe('שלום abc');
  expect(long.startsWith(texts[2])).toBe(true);
  expect(readWordFiles(spec.runDir).titles[2].length).toBeLessThanOrEqual(24);
  expect(texts.slice(3)).toEqual(['', '', 'A film (1999)']);
});

test('a run that starts from another one has its words, whatever the titles; it is refused with others', async () => {
  const words = (runDir: string) => readFileSync(join(runDir, 'words', 'tokenizer.json'), 'utf8');
  const prepare = async (name: string, title: string, given: object = {}, from?: string) => {
    const [rows, items] = [join(home, `${name}.csv`), join(home, `${name}-items.csv`)];
    writeFileSync(rows, 'user,item,timestamp\nu,i0,1\nu,i1,2\nu,i0,3\nv,i0,3\n');
    writeFileSync(items, `item,title\ni0,${title}\ni1,${title} again\n`);
    const { id } = await importDataset({ paths: [rows, items] }, { home });
    const runDir = join(home, name);
    const source = {
      run: 'before',
      name: 'before',
      model: 'lc-rec',
      config: {},
      dir: from ?? '',
      checkpoint: null,
    };
    const sources = from === undefined ? {} : { startFrom: source };
    const config = { ...small, vocabulary: 330, ...(from ? { startFrom: 'before' } : {}), ...given };
    await prepareWords(config, { datasetDir: join(home, 'datasets', id), runDir, sources }, levels);
    return runDir;
  };
  const first = await prepare('first-words', 'a quiet garden in the rain', { dim: 32 });
  const other = await prepare('other-words', 'engines of industry');
  expect(words(other)).not.toBe(words(first));
  const second = await prepare('second-words', 'engines of industry', { dim: 32 }, first);
  expect(words(second)).toBe(words(first));
  const tokenizer = new TextTokenizer(JSON.parse(words(first)), 'first');
  expect(tokenizer.decode(readWordFiles(second).titles[0]).trim()).toBe('engines of industry');
  expect(readWordFiles(second).decoder).toMatchObject({ dim: 32, vocabulary: tokenizer.size });
  const given = { tokenizer: join(other, 'words', 'tokenizer.json') };
  await expect(prepare('third-words', 'engines of industry', given, first)).rejects.toThrow(
    /run before \(before\) has other words: leave tokenizer out/,
  );
  await expect(prepare('fourth-words', 'engines', { weights: GGUF, ...given }, first)).rejects.toThrow(
    /run before \(before\) has other words: /,
  );
});

test('from scratch it learns, ranks as its lists say, and recommends what the test listed', async () => {
  const { result, losses, best } = await trainOnSample('scratch', 'lc-rec', {
    ...small,
    selection: 'valid/ndcg@10',
  });
  const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  expect(mean(losses.slice(-6))).toBeLessThan(0.8 * mean(losses.slice(0, 3)));
  const ranks = testRanks({ result, losses, series: {}, said: [], last: '', best });
  for (const [row, target] of ranks.targets.entries()) {
    const place = ranks.topItems.subarray(row * ranks.topK, (row + 1) * ranks.topK).indexOf(target);
    expect(ranks.ranks[row] <= ranks.topK ? ranks.ranks[row] - 1 : -1).toBe(place);
  }
  expect(result?.protocol).toMatchObject({ generation: '12 beams, constrained' });
  const config = resolveConfig('lc-rec', { overrides: small });
  const request = {
    model: 'lc-rec',
    config,
    checkpoint: best.at(-1) ?? '',
    datasetDir: await prepared,
    user: ranks.users[3],
  };
  const place = { place: 'test', k: 10, seed: 3, device: 'cpu', threads: 1, sources: { tokeniser } } as const;
  const list = await recommend({ ...request, ...place });
  expect(list.map(({ item }) => item)).toEqual([...ranks.topItems.subarray(30, 40)]);
  // And it goes on by reward.
  const after = await rewardedFrom('scratch', small, request.checkpoint);
  expect(Math.max(...after.series['train/kl'])).toBeLessThan(1e-9);
  expect(testRanks(after).ranks).toEqual(ranks.ranks);
  // Its lists need nothing of the run that it began with any more.
  const keys = { policy: 'scratch', tokeniser: 'ids', maxLength: 3, beams: 12 };
  const theirs = resolveConfig('rewarded', { overrides: keys });
  const ofRewarded = { ...request, ...place, model: 'rewarded', config: theirs, checkpoint: after.best[0] };
  expect(await recommend(ofRewarded)).toEqual(list);
});

/** A training by reward, from the checkpoint of a run, that changes nothing. */
function rewardedFrom(run: string, overrides: Record<string, unknown>, checkpoint = '') {
  const config = resolveConfig('lc-rec', { overrides });
  const from = { ...{ run, name: run, model: 'lc-rec', config, checkpoint }, dir: join(home, run) };
  const steps = { epochs: 1, epochSteps: 2, batchSize: 8, group: 4, learningRate: 1e-12 };
  const given = { policy: run, ...rewarded.rewarded?.given(from), ...steps };
  return trainOnSample(`${run}-rewarded`, 'rewarded', given, { sources: { policy: from } });
}

/** A tokenizer of few words, for the small checkpoints of tests: every other word is read as "title". */
function fewWords(): string {
  const words = ['<unk>', '</s>', ...'The Valley Village Forgotten Distant Night Day title'.split(' ')];
  const path = join(home, 'few-words.json');
  const model = {
    type: 'WordLevel',
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    unk_token: '<unk>',
  };
  const end = {
    id: 1,
    content: '</s>',
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
  const replace = (pattern: string, content: string) => ({
    type: 'Replace',
    pattern: { Regex: pattern },
    content,
  });
  const known = words.slice(2).map((word) => `${word}\\b`);
  const normalizers = [replace('[^\\w\\s]', ''), replace(`\\b(?!${known.join('|')})\\w+`, 'title')];
  const normalizer = { type: 'Sequence', normalizers };
  const whole = {
    version: '1.0',
    added_tokens: [end],
    normalizer,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model,
  };
  writeFileSync(path, JSON.stringify(whole));
  return path;
}

test('from a pretrained model with adapters: resume is exact, and what is kept is the whole model that was tested', async () => {
  const pretrained = {
    ...small,
    weights: GGUF,
    tokenizer: fewWords(),
    loraRank: 2,
    epochSteps: 4,
    learningRate: 0.02,
  };
  const whole = await trainOnSample('lora', 'lc-rec', pretrained);
  const first = await trainOnSample('lora-parts', 'lc-rec', pretrained, { stopAtEpoch: 1 });
  const second = await trainOnSample('lora-parts', 'lc-rec', pretrained, { resumeFrom: first.last });
  expect(readCheckpoint(second.last).tensors).toEqual(readCheckpoint(whole.last).tensors);
  const again = await trainOnSample('lora', 'lc-rec', pretrained, { evaluate: whole.best.at(-1) });
  expect(testRanks(again).topItems).toEqual(testRanks(whole).topItems);
  // A checkpoint to go on from is not taken for the whole model.
  await expect(trainOnSample('lora', 'lc-rec', pretrained, { evaluate: whole.last })).rejects.toThrow(
    /"embedding" is missing/,
  );
  // A reward goes on from the whole model, too, and trains all of it.
  const rewards = await rewardedFrom('lora', pretrained, whole.best.at(-1));
  expect(Math.max(...rewards.series['train/kl'])).toBeLessThan(1e-9);
  expect(testRanks(rewards).topItems).toEqual(testRanks(whole).topItems);
  const kept = Object.keys(readCheckpoint(rewards.best[0]).tensors);
  expect([kept.includes('embedding'), kept.some((name) => name.includes('/adapter/'))]).toEqual([
    true,
    false,
  ]);
});

test('from a language run its words and weights are taken', async () => {
  const dir = join(home, 'spoken');
  mkdirSync(join(dir, 'language'), { recursive: true });
  const before = readWordFiles(join(home, 'scratch'));
  writeFileSync(join(dir, 'language', 'model.json'), JSON.stringify({ decoder: before.decoder }));
  cpSync(join(home, 'scratch', 'words', 'tokenizer.json'), join(dir, 'language', 'tokenizer.json'));
  const checkpoint = join(home, 'scratch', 'checkpoints', 'best-2.safetensors');
  const source = { run: 'spoken', name: 'spoken', model: 'brew', config: {}, dir, checkpoint };
  const config = { ...small, languageFrom: 'spoken', epochs: 1, epochSteps: 1, learningRate: 1e-12 };
  const { best } = await trainOnSample('spoken-ids', 'lc-rec', config, { sources: { languageFrom: source } });
  const [ours, theirs] = [best[0], checkpoint].map((path) => readSafetensors(path));
  const table = ours.embedding.data as Float32Array;
  expect(
    Math.max(...table.map((value, at) => Math.abs(value - (theirs.embedding.data as Float32Array)[at]))),
  ).toBeLessThan(1e-6);
  expect(ours['ids/embedding'].data).not.toEqual(theirs['ids/embedding'].data);
});
