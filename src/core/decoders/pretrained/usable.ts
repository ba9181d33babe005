/** Whether a pretrained model can be trained from, before anything is made of it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { chatFrame } from '../text/chat.ts';
import { readTokenizerFile, TextTokenizer } from '../text/tokenizer.ts';
import { isGgufPath, openCheckpoint, requireWhole } from './checkpoint.ts';
import { readPeftAdapter } from './peft-adapter.ts';
import { type PretrainedTokenizer, pretrainedTokenizer } from './pretrained-tokenizer.ts';

/** What a config names, empty where it names nothing. */
export interface NamedModel {
  weights: string;
  /** In place of the model's own. */
  tokenizer: string;
  adapter?: string;
  /** Whether it is asked in the words of its chat template. */
  chats?: boolean;
}

/** Forms ask again at every key: what was found usable is, as long as its files are the same. */
const usable = new Set<string>();
const MOST_KNOWN = 100;

/**
 * Reads what the files say of themselves, and no weights.
 * @throws UserError where one of them is missing, damaged, or not of the others
 */
export function requireUsable(named: NamedModel): void {
  if (named.weights === '') return;
  const key = JSON.stringify([named, ...[named.weights, named.tokenizer, named.adapter ?? ''].map(stampOf)]);
  if (usable.has(key)) return;
  const checkpoint = openCheckpoint(named.weights);
  requireWhole(checkpoint);
  const { file, special, chat }: PretrainedTokenizer =
    named.tokenizer === ''
      ? pretrainedTokenizer(named.weights)
      : { file: readTokenizerFile(named.tokenizer), special: undefined, chat: null };
  const { size } = new TextTokenizer(file, named.tokenizer || named.weights, special);
  requireWords(named.weights, { tokens: size, vocabulary: checkpoint.config.vocabulary });
  if (chat && named.chats) chatFrame(chat, named.weights);
  if (named.adapter) readPeftAdapter(named.adapter, checkpoint.config);
  if (usable.size >= MOST_KNOWN) usable.clear();
  usable.add(key);
}

/** Throws UserError where a tokenizer has tokens that a model has no row for. */
export function requireWords(
  weights: string,
  { tokens, vocabulary }: { tokens: number; vocabulary: number },
): void {
  if (tokens <= vocabulary) return;
  throw new UserError(
    `${weights}: its tables have ${vocabulary} rows and the tokenizer ${tokens} tokens; they do not belong together`,
  );
}

/** What changes when a file, or one of a folder, does. */
function stampOf(path: string): string {
  if (path === '') return '';
  const stamp = (file: string) => {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs} ${size}`;
  };
  if (isGgufPath(path)) return stamp(path);
  return readdirSync(path)
    .map((name) => `${name} ${stamp(join(path, name))}`)
    .join();
}
