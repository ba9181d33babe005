/** Words and sizes of the language model that codes join: of a pretrained model, of another run, or made from the data set's titles. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readItemTitles } from '../../../data/read.ts';
import type { DecoderConfig } from '../../../decoders/decoder.ts';
import { decoderSchema } from '../../../decoders/decoder-schema.ts';
import { checkpointConfig } from '../../../decoders/pretrained/checkpoint.ts';
import { pretrainedTokenizer } from '../../../decoders/pretrained/pretrained-tokenizer.ts';
import { requireWords } from '../../../decoders/pretrained/usable.ts';
import { plainText } from '../../../decoders/text/plain-text.ts';
import { readRecords } from '../../../decoders/text/records.ts';
import {
  readTokenizerFile,
  type SpecialTokens,
  TextTokenizer,
  trainTokenizer,
} from '../../../decoders/text/tokenizer.ts';
import { UserError } from '../../../errors.ts';
import { readJson } from '../../../files/json.ts';
import type { Config } from '../../../training/config.ts';
import type { TrainSpec } from '../../../training/events.ts';
import type { GivenSizes, GivingRun } from '../../model.ts';
import type { TokenLevels } from '../code-tokens.ts';
import { readWordFiles, readWordTokenizer, writeWordFiles } from './word-files.ts';
import { ffnWidth, type WordConfig, wordConfig } from './words-config.ts';

/** What the model is told before each of its tasks. */
const PROMPTS = {
  history: 'The member chose these items, the latest last:',
  title: 'The item of this title:',
  id: 'The title of this item:',
};
/** Words of a title that are read. */
const TITLE_TOKENS = 24;

/** Whose runs have words to start from; others are refused by their names once the training begins. */
const MODEL = 'lc-rec';

const specials = z.object({ begin: z.string().nullable(), end: z.string().nullable() });
const languageRun = z.looseObject({ decoder: decoderSchema, special: specials.optional() });

interface Words {
  tokenizer: unknown;
  special?: SpecialTokens;
  /** Sizes of the model that they come from, for rows of so many tokens; null where it begins from scratch. */
  sizes(context: number): DecoderConfig | null;
}

/** Writes what the model is made of into the run's folder. Throws UserError where what the config names cannot be used. */
export async function prepareWords(
  given: Readonly<Record<string, unknown>>,
  spec: Pick<TrainSpec, 'datasetDir' | 'runDir' | 'sources'>,
  levels: TokenLevels,
): Promise<void> {
  const config = wordConfig(given);
  const texts = await titlesOf(spec.datasetDir);
  const words = wordsOf(config, spec.sources, () => [...texts, ...Object.values(PROMPTS)]);
  const tokenizer = new TextTokenizer(words.tokenizer, 'the tokenizer', words.special);
  const begin = tokenizer.begin === null ? [] : [tokenizer.begin];
  const prompt = (text: string) => [...begin, ...tokenizer.encode(text)];
  const prompts = { history: prompt(PROMPTS.history), title: prompt(PROMPTS.title), id: prompt(PROMPTS.id) };
  const titles = texts.map((text) =>
    text === '' ? [] : tokenizer.encodeWithin(` ${text}`).slice(0, TITLE_TOKENS),
  );
  const longest = Math.max(...Object.values(prompts).map(({ length }) => length));
  const most = Math.max(
    (Number(given.maxLength) + 1) * levels.sizes.length,
    TITLE_TOKENS + 1 + levels.sizes.length,
  );
  const context = longest + most;
  const decoder = words.sizes(context) ?? scratchSizes(config, tokenizer.size, context);
  requireWords(config.weights || 'the model', { tokens: tokenizer.size, vocabulary: decoder.vocabulary });
  writeWordFiles(
    spec.runDir,
    {
      decoder: { ...decoder, context },
      prompts,
      end: tokenizer.end,
      special: words.special,
      titles: titles.map((title) => [...title]),
    },
    words.tokenizer,
  );
}

/** By dense item of the catalogue one line, as prompts have it; empty of an item without a title, whose id says nothing. */
async function titlesOf(datasetDir: string): Promise<string[]> {
  const [{ items }, titles] = await Promise.all([readRecords(datasetDir), readItemTitles(datasetDir)]);
  return items.map((item, at) => (titles[at] === '' ? '' : plainText(item['item.title'])));
}

/** A run that starts from another one has its words: rows of a table mean the words that they were trained as. */
function wordsOf(config: WordConfig, sources: TrainSpec['sources'], texts: () => readonly string[]): Words {
  const { startFrom } = sources ?? {};
  if (startFrom?.model !== MODEL) return namedWords(config, sources, texts);
  const { decoder, special } = readWordFiles(startFrom.dir);
  const file = readWordTokenizer(startFrom.dir);
  const { weights, tokenizer, languageFrom } = config;
  if (weights + tokenizer + languageFrom === '') return { tokenizer: file, special, sizes: () => decoder };
  const named = namedWords(config, sources, texts);
  if (isDeepStrictEqual(named.tokenizer, file)) return named;
  throw new UserError({
    code: 'bad-config',
    field: 'startFrom',
    problem: `run ${startFrom.name} (${startFrom.run}) has other words: leave tokenizer out, and weights and languageFrom unless it began with the same`,
  });
}

function namedWords(
  { weights, tokenizer, languageFrom, vocabulary }: WordConfig,
  sources: TrainSpec['sources'],
  texts: () => readonly string[],
): Words {
  if (weights !== '') {
    const { file, special } =
      tokenizer === ''
        ? pretrainedTokenizer(weights)
        : { file: readTokenizerFile(tokenizer), special: undefined };
    return { tokenizer: file, special, sizes: (context) => checkpointConfig(weights, context) };
  }
  if (languageFrom === '') {
    const file = tokenizer === '' ? trainTokenizer(texts(), vocabulary) : readTokenizerFile(tokenizer);
    return { tokenizer: file, sizes: () => null };
  }
  const source = sources?.languageFrom;
  if (!source) throw new UserError(`config "languageFrom": no run ${languageFrom}`);
  const { decoder, special } = languageModel(source.dir);
  const file = readJson(join(source.dir, 'language', 'tokenizer.json'), 'not of a language run, or damaged');
  return { tokenizer: file, special, sizes: () => decoder };
}

/** @throws UserError where the folder is not that of a language run, or damaged */
function languageModel(runDir: string): z.output<typeof languageRun> {
  const path = join(runDir, 'language', 'model.json');
  const parsed = languageRun.safeParse(readJson(path, 'not of a language run, or damaged'));
  if (!parsed.success) throw new UserError(`${path}: damaged; name another run`);
  return parsed.data;
}

/** Those of what the words are taken of, a pretrained model, a language run or the run to start from; null where the model begins from scratch. */
export function givenWordSizes(given: Config, runOf: (run: string) => GivingRun): GivenSizes | null {
  const found = givenDecoder(given, runOf);
  if (found === null) return null;
  const { vocabulary, dim, blocks, heads, ffnDim } = found.decoder;
  return { of: found.of, sizes: { vocabulary, dim, blocks, heads, ffnDim } };
}

function givenDecoder(
  given: Config,
  runOf: (run: string) => GivingRun,
): { of: string; decoder: DecoderConfig } | null {
  const { weights, languageFrom } = wordConfig(given);
  if (weights !== '') return { of: weights, decoder: checkpointConfig(weights) };
  if (languageFrom !== '')
    return { of: `run ${languageFrom}`, decoder: languageModel(runOf(languageFrom).folder).decoder };
  const { startFrom } = given;
  if (typeof startFrom !== 'string' || startFrom === '') return null;
  const { model, folder } = runOf(startFrom);
  return model === MODEL ? { of: `run ${startFrom}`, decoder: readWordFiles(folder).decoder } : null;
}

function scratchSizes(
  { dim, blocks, heads, ffnDim }: WordConfig,
  vocabulary: number,
  context: number,
): DecoderConfig {
  return {
    ...{ vocabulary, dim, blocks, heads, context, kvHeads: heads, headDim: dim / heads },
    ...{ ffnDim: ffnWidth({ ffnDim, dim }), tiedHead: true, ropeTheta: 10000, normEpsilon: 1e-5 },
  };
}
