/** The tokenizer that a GGUF file carries, as a tokenizer.json of Hugging Face's format. */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { GgufFile } from '../../files/gguf.ts';
import type { SpecialTokens } from '../text/tokenizer.ts';

const texts = z.array(z.string()).min(1);
const id = z.number().int().nonnegative();

/** Keys after "tokenizer.ggml.". */
const schema = z.looseObject({
  model: z.enum(['gpt2', 'llama'], { error: ({ input }) => `"${String(input)}", not gpt2 or llama` }),
  pre: z.string().default('default'),
  tokens: texts,
  token_type: z.array(z.number().int()).optional(),
  merges: texts.optional(),
  scores: z.array(z.number()).optional(),
  bos_token_id: id.optional(),
  eos_token_id: id.optional(),
  unknown_token_id: id.optional(),
  padding_token_id: id.optional(),
  add_bos_token: z.boolean().optional(),
  add_space_prefix: z.boolean().default(true),
});
type GgufTokenizer = z.output<typeof schema>;

/** Kinds of tokens, as the format numbers them. */
const [CONTROL, USER_DEFINED] = [3, 4];

const ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const WORD_OF_CASES = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+';
const WORD_OF_CAPITALS = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*';

/** How the models of a kind cut a text before their merges, where not as GPT-2 does. */
const SPLITS: Readonly<Record<string, string>> = {
  'llama-bpe': `${ENDINGS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`,
  qwen2: `${ENDINGS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${SPACES}`,
  tekken: `[^\\r\\n\\p{L}\\p{N}]?${WORD_OF_CASES}|[^\\r\\n\\p{L}\\p{N}]?${WORD_OF_CAPITALS}|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${SPACES}`,
};
const SYNONYMS: Readonly<Record<string, string>> = {
  ...{ 'llama-v3': 'llama-bpe', llama3: 'llama-bpe', 'deepseek-r1-qwen': 'qwen2' },
};
const BYTES = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };

export interface ReadTokenizer {
  /** As a tokenizer.json. */
  file: object;
  special: SpecialTokens;
  /** By the names that chat templates have for them. */
  tokens: Record<string, string>;
}

/** @throws UserError where the file has none, or one of a kind that cannot be made */
export function ggufTokenizer(path: string, { metadata }: GgufFile): ReadTokenizer {
  const prefix = 'tokenizer.ggml.';
  const own = Object.entries(metadata).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
  );
  const parsed = schema.safeParse(Object.fromEntries(own));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw cannotBeUsed(path, `${prefix}${issue.path.join('.')}: ${issue.message}`);
  }
  const { tokens, bos_token_id: begin, eos_token_id: end, model } = parsed.data;
  const { unknown_token_id: unknown, padding_token_id: padding } = parsed.data;
  const text = (id: number | undefined) => (id === undefined ? null : (tokens[id] ?? null));
  const [unk_token, pad_token] = [text(unknown), text(padding)];
  const named = { bos_token: text(begin), eos_token: text(end), unk_token, pad_token };
  const addsBegin = parsed.data.add_bos_token ?? (model === 'llama' || isLater(kindOf(parsed.data)));
  return {
    file: model === 'gpt2' ? byteLevel(path, parsed.data) : sentencePieces(path, parsed.data),
    special: { begin: addsBegin ? text(begin) : null, end: text(end) },
    tokens: Object.fromEntries(
      Object.entries(named).flatMap(([key, value]) => (value ? [[key, value]] : [])),
    ),
  };
}

const cannotBeUsed = (path: string, why: string) =>
  new UserError(
    `${path}: its tokenizer cannot be used: ${why}; name a tokenizer.json of the model with tokenizer`,
  );

/** Llama 3 and Mistral Nemo take a word that is a token as it is, and begin texts where a file does not say so. */
const isLater = (kind: string) => kind === 'llama-bpe' || kind === 'tekken';

const kindOf = ({ pre }: GgufTokenizer) => SYNONYMS[pre] ?? pre;

const vocabulary = ({ tokens }: GgufTokenizer) => Object.fromEntries(tokens.map((token, at) => [token, at]));

function addedTokens({ tokens, token_type: kinds = [] }: GgufTokenizer) {
  return tokens.flatMap((content, id) =>
    kinds[id] === CONTROL || kinds[id] === USER_DEFINED
      ? [
          {
            ...{ id, content, special: kinds[id] === CONTROL },
            ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
          },
        ]
      : [],
  );
}

function byteLevel(path: string, given: GgufTokenizer): object {
  const { merges } = given;
  if (!merges) throw cannotBeUsed(path, 'tokenizer.ggml.merges is missing');
  const kind = kindOf(given);
  return {
    version: '1.0',
    added_tokens: addedTokens(given),
    normalizer: kind === 'qwen2' ? { type: 'NFC' } : null,
    pre_tokenizer: preTokenizer(path, kind),
    post_processor: { ...BYTES, use_regex: true },
    decoder: { ...BYTES, use_regex: true },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false },
      ...{ ignore_merges: isLater(kind), vocab: vocabulary(given), merges },
    },
  };
}

function preTokenizer(path: string, kind: string): object {
  if (kind === 'gpt-2' || kind === 'default') return { ...BYTES, use_regex: true };
  if (kind === 'smollm')
    return inTurn([
      { type: 'Digits', individual_digits: true },
      { ...BYTES, use_regex: true },
    ]);
  if (!Object.hasOwn(SPLITS, kind)) throw cannotBeUsed(path, `it cuts texts as "${kind}" does`);
  return inTurn([
    { type: 'Split', pattern: { Regex: SPLITS[kind] }, behavior: 'Isolated', invert: false },
    { ...BYTES, use_regex: false },
  ]);
}

const inTurn = (pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });

/** SentencePiece's, as merges in the order of the scores of what they make. */
function sentencePieces(path: string, given: GgufTokenizer): object {
  const { tokens, scores, unknown_token_id: unknown = 0, add_space_prefix: prepends } = given;
  if (!scores || scores.length !== tokens.length)
    throw cannotBeUsed(path, 'tokenizer.ggml.scores is missing, or not as long as its tokens');
  const replaced = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const prefixed = { type: 'Prepend', prepend: '▁' };
  return {
    version: '1.0',
    added_tokens: addedTokens(given),
    normalizer: { type: 'Sequence', normalizers: prepends ? [prefixed, replaced] : [replaced] },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        ...[{ type: 'ByteFallback' }, { type: 'Fuse' }],
        ...(prepends ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: tokens[unknown], continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false },
      ...{ vocab: vocabulary(given), merges: mergesOf(tokens, scores) },
    },
  };
}

/** Every cut of a token into two others; the token with the best score first, and of its cuts those of the best parts. */
function mergesOf(tokens: readonly string[], scores: readonly number[]): string[] {
  const scoreOf = new Map(tokens.map((token, at) => [token, scores[at]]));
  const found = tokens.flatMap((token, at) => {
    const letters = [...token];
    const cuts = letters.slice(1).flatMap((_, cut) => {
      const [left, right] = [letters.slice(0, cut + 1).join(''), letters.slice(cut + 1).join('')];
      const [of, and] = [scoreOf.get(left), scoreOf.get(right)];
      return of === undefined || and === undefined ? [] : [{ merge: `${left} ${right}`, of, and }];
    });
    return cuts
      .sort((a, b) => b.of - a.of || b.and - a.and)
      .map(({ merge }) => ({ merge, score: scores[at] }));
  });
  return found.sort((a, b) => b.score - a.score).map(({ merge }) => merge);
}
