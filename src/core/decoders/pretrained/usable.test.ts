/** What is refused of a pretrained model before a run is made. */
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { requireUsable } from './usable.ts';

const written = join(import.meta.dirname, '../../../../test/language');
const home = mkdtempSync(join(tmpdir(), 'tessera-usable-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A tokenizer.json of so many words. */
function words(count: number): object {
  const names = ['</s>', ...Array.from({ length: count - 1 }, (_, at) => `w${at}`)];
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    ...{ version: '1.0', normalizer: null, post_processor: null, decoder: null },
    added_tokens: [{ id: 0, content: '</s>', ...flags }],
    pre_tokenizer: { type: 'Whitespace' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      unk_token: '</s>',
    },
  };
}

function tokenizer(count: number): string {
  const path = join(home, `words-${count}.json`);
  writeFileSync(path, JSON.stringify(words(count)));
  return path;
}

/** A folder of 24 rows of words with its tokenizer and the chat template. */
function folder(chat?: string): string {
  const path = mkdtempSync(join(home, 'model-'));
  cpSync(join(written, 'checkpoints/llama'), path, { recursive: true });
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(words(24)));
  writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify({ eos_token: '</s>' }));
  if (chat !== undefined) writeFileSync(join(path, 'chat_template.jinja'), chat);
  return path;
}

test('a model whose files belong together is usable, and one whose words have no row is not', () => {
  const gguf = join(written, 'gguf/llama.gguf');
  expect(() => requireUsable({ weights: gguf, tokenizer: tokenizer(9) })).not.toThrow();
  expect(() => requireUsable({ weights: gguf, tokenizer: tokenizer(5000) })).toThrow(
    /llama\.gguf: its tables have \d+ rows and the tokenizer 5000 tokens; they do not belong together/,
  );
  expect(() => requireUsable({ weights: folder(), tokenizer: '' })).not.toThrow();
});

test('a file that is cut short later is refused then, though it was usable before', () => {
  const weights = folder();
  requireUsable({ weights, tokenizer: '' });
  const path = join(weights, 'model.safetensors');
  writeFileSync(path, readFileSync(path).subarray(0, -4));
  utimesSync(path, 1, 1);
  expect(() => requireUsable({ weights, tokenizer: '' })).toThrow(/tensor "[^"]+" is cut short/);
});

test('a chat template is tried where the model is asked in it alone; an empty one is none', () => {
  const throws = folder("{{ raise_exception('no user') }}");
  expect(() => requireUsable({ weights: throws, tokenizer: '' })).not.toThrow();
  expect(() => requireUsable({ weights: throws, tokenizer: '', chats: true })).toThrow(
    /no user; set chat=never/,
  );
  expect(() => requireUsable({ weights: folder(''), tokenizer: '', chats: true })).not.toThrow();
});

test('an adapter of another model is refused with what does not fit', () => {
  const adapter = join(written, 'adapter');
  const named = { tokenizer: tokenizer(9), adapter };
  expect(() => requireUsable({ ...named, weights: join(written, 'checkpoints/llama') })).not.toThrow();
  expect(() => requireUsable({ ...named, weights: join(written, 'checkpoints/qwen3') })).toThrow(
    /adapter_model\.safetensors: .*/,
  );
  expect(() =>
    requireUsable({ ...named, weights: join(written, 'checkpoints/llama'), adapter: home }),
  ).toThrow(/adapter_config\.json/);
});
