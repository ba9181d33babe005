/** A model that was trained on texts, against transformers: see test/language/write_pretrained.py. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDevice } from '../../engine/index.ts';
import { readModelCard } from '../../families/language/model-card.ts';
import { LanguageScorer } from '../../families/language/sequence-scorer.ts';
import { namedTensors } from '../../files/safetensors.ts';
import { Decoder } from '../decoder.ts';
import { renderChat } from '../text/chat.ts';
import { TextTokenizer } from '../text/tokenizer.ts';
import { openCheckpoint, readCheckpoint } from './checkpoint.ts';
import { pretrainedTokenizer } from './pretrained-tokenizer.ts';

const root = join(import.meta.dirname, '../../../..');
const MODEL = process.env.TESSERA_SMOLLM2 ?? join(root, '../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf');

interface Expected {
  tokens: number[];
  prompts: { text: string; ids: number[]; logs: number[]; mean: number; entropy: number; first: number }[];
  chat: { question: string; hash: string };
}
const { tokens, prompts, chat } = JSON.parse(
  readFileSync(join(root, 'test/language/pretrained-model/expected.json'), 'utf8'),
) as Expected;

const name = 'SmolLM2-135M-Instruct in Q4_1 (set TESSERA_SMOLLM2 to its GGUF file where it is not found)';

describe.skipIf(!existsSync(MODEL))(name, () => {
  test('its card tells its sizes', () => {
    expect(readModelCard(MODEL, 256)).toMatchObject({
      ...{ architecture: 'llama', parameters: 134_515_008 },
      sizes: { vocabulary: 49_152, dim: 576, blocks: 30, heads: 9, kvHeads: 3, headDim: 64, ffnDim: 1536 },
      tokenizer: { tokens: 49_152, chat: true },
    });
  });

  test('its own tokenizer and chat template give what transformers gives', () => {
    const { file, special, chat: template } = pretrainedTokenizer(MODEL);
    const tokenizer = new TextTokenizer(file, MODEL, special);
    for (const { text, ids } of prompts) {
      expect([text, tokenizer.encode(text)]).toEqual([text, ids]);
      expect(tokenizer.decode(ids)).toBe(text);
    }
    if (!template) throw new Error('it has no chat template');
    const rendered = renderChat(template, [{ role: 'user', content: chat.question }], MODEL);
    expect(createHash('sha256').update(rendered).digest('hex')).toBe(chat.hash);
  });

  test('what comes next has the log-probabilities of transformers', async () => {
    const checkpoint = openCheckpoint(MODEL, 64);
    const decoder = new Decoder(checkpoint.config);
    const { context: device } = await openDevice('cpu', { threads: 1 });
    await device.load(namedTensors(decoder.parameters, readCheckpoint(checkpoint)));
    await using scorer = new LanguageScorer(decoder, device, 4);
    const all = Array.from({ length: checkpoint.config.vocabulary }, (_, token) => token);
    const found = await scorer.nextTokens(
      prompts.map(({ ids }) => Int32Array.from(ids)),
      all,
    );
    for (const [at, { logs, mean, entropy, first }] of prompts.entries()) {
      const ours = found[at];
      const worst = Math.max(...logs.map((log, i) => Math.abs(log - ours[tokens[i]])));
      expect([at, worst < 1e-4, ours.indexOf(Math.max(...ours))]).toEqual([at, true, first]);
      expect(ours.reduce((sum, log) => sum + log, 0) / ours.length).toBeCloseTo(mean, 4);
      expect(-ours.reduce((sum, log) => sum + Math.exp(log) * log, 0)).toBeCloseTo(entropy, 4);
    }
    await device.dispose();
  });
});
