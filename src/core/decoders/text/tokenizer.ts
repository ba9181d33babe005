import { isDeepStrictEqual } from 'node:util';
import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';
import { readJson } from '../../files/json.ts';
import { tokenizerJson, trainBpe } from './bpe.ts';

/** Tokens of our own vocabularies that no text can be cut into. */
export const SPECIAL = { padding: '<|padding|>', end: '<|end|>' } as const;

/** What known tokenizers call the token that begins a text, and the one that ends it. */
const BEGINNINGS = ['<|begin_of_text|>', '<s>', '<bos>'];
const ENDINGS: string[] = [SPECIAL.end, '<|end_of_text|>', '<|endoftext|>', '</s>', '<eos>', '<|im_end|>'];

const fileSchema = z.looseObject({
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.number()), z.array(z.unknown())]),
    unk_token: z.string().nullish(),
    unk_id: z.number().nullish(),
  }),
  added_tokens: z
    .array(z.looseObject({ id: z.number().int().nonnegative(), content: z.string().min(1) }))
    .default([]),
});
const stepSchema = z.looseObject({
  type: z.string(),
  normalizers: z.array(z.unknown()).optional(),
  pretokenizers: z.array(z.unknown()).optional(),
});

export interface SpecialTokens {
  /** Begins every text; null where nothing does. */
  begin: string | null;
  /** Ends one; null where nobody says which does. */
  end: string | null;
}

/** Pieces whose tokens are kept; texts of a data set repeat. */
const CACHED = 200_000;

/** What writing prompts needs of a tokenizer. */
export type PieceEncoder = Pick<
  TextTokenizer,
  'encode' | 'encodeWithin' | 'encodeMarked' | 'encodeMarkedWithin' | 'begin' | 'end'
>;

const none = () => [];
/** Writes texts where there is no tokenizer yet: nothing takes any tokens. */
export const noTokens: PieceEncoder = {
  ...{ encode: none, encodeWithin: none, encodeMarked: none, encodeMarkedWithin: none },
  ...{ begin: null, end: 0 },
};

/** Texts to tokens and back, by a tokenizer.json. */
export class TextTokenizer {
  /** Number of ids. */
  readonly size: number;
  /** Begins every sequence where the tokenizer has such a token. */
  readonly begin: number | null;
  /** Ends a sequence. */
  readonly end: number;
  readonly #tokenizer: Tokenizer;
  /** The same one where nothing is put in front of a text. */
  readonly #within: Tokenizer;
  readonly #markers: RegExp | null;
  readonly #unknown: number | undefined;
  /** Ids of the markers. */
  readonly #marked: ReadonlySet<number>;
  readonly #known = {
    first: new Map<string, readonly number[]>(),
    within: new Map<string, readonly number[]>(),
  };

  /**
   * `file` is a parsed tokenizer.json, `where` names it in messages. Which tokens begin and end a text is known by their names where
   * the model that it is of does not say so.
   * @throws UserError where it is none, or of a kind that cannot be run
   */
  constructor(file: unknown, where: string, special?: SpecialTokens) {
    const parsed = fileSchema.safeParse(file);
    if (!parsed.success)
      throw new UserError(`${where}: not a tokenizer.json; name one of Hugging Face's format`);
    const { added_tokens: added, model } = parsed.data;
    try {
      this.#tokenizer = new Tokenizer(parsed.data, {});
      const within = withinText(parsed.data);
      this.#within = isDeepStrictEqual(within, parsed.data) ? this.#tokenizer : new Tokenizer(within, {});
    } catch (error) {
      throw new UserError(`${where}: this tokenizer cannot be used: ${messageOf(error)}`);
    }
    const ids = Array.isArray(model.vocab) ? [model.vocab.length - 1] : Object.values(model.vocab);
    this.size = 1 + [...ids, ...added.map(({ id }) => id)].reduce((most, id) => Math.max(most, id), 0);
    const known = (names: string[]) =>
      names.map((name) => this.#tokenizer.token_to_id(name)).find((id) => id !== undefined);
    this.begin = known(special ? [special.begin ?? ''] : BEGINNINGS) ?? null;
    const end = known(special?.end ? [special.end] : ENDINGS);
    if (end === undefined) {
      throw new UserError(
        `${where}: no token ends a text; known are ${[special?.end ?? '', ...ENDINGS].filter(Boolean).join(', ')}`,
      );
    }
    this.end = end;
    // A marker of one character stands for itself.
    const markers = added.filter(({ content }) => content.length > 1);
    const contents = markers.map(({ content }) => content).sort((a, b) => b.length - a.length);
    this.#unknown = known([model.unk_token ?? '']);
    // What no token stands for is unknown.
    const isUnknown = (id: number, content: string) => id === model.unk_id || content === model.unk_token;
    this.#marked = new Set(markers.flatMap(({ id, content }) => (isUnknown(id, content) ? [] : [id])));
    this.#markers = contents.length === 0 ? null : new RegExp(contents.map(escaped).join('|'), 'g');
  }

  /**
   * Tokens of a text in which nothing is special: a marker that a text holds is cut in two and becomes the characters it is
   * written with.
   */
  encode(text: string): readonly number[] {
    return this.#kept(text, 'first');
  }

  /** The same of a text that goes on another one: SentencePiece puts a space in front of what stands first alone. */
  encodeWithin(text: string): readonly number[] {
    return this.#kept(text, this.#within === this.#tokenizer ? 'first' : 'within');
  }

  #kept(text: string, place: 'first' | 'within'): readonly number[] {
    const cache = this.#known[place];
    const known = cache.get(text);
    if (known) return known;
    const parts = this.#markers ? splitMarkers(text, this.#markers) : [text];
    const ids = this.#plain(parts, place === 'first');
    if (cache.size >= CACHED) cache.clear();
    cache.set(text, ids);
    return ids;
  }

  /** Tokens of parts of one text, in which nothing may become a marker. A normalizer can turn plain text into one; such text is halved until no part does. */
  #plain(parts: readonly string[], first: boolean): readonly number[] {
    return parts.flatMap((part, at) => {
      const tokenizer = first && at === 0 ? this.#tokenizer : this.#within;
      const found: (number | undefined)[] = tokenizer.encode(part, { add_special_tokens: false }).ids;
      // Of a word that a table of whole words has not, the library says nothing.
      const ids = found.flatMap((id) => id ?? this.#unknown ?? []);
      if (!ids.some((id) => this.#marked.has(id))) return ids;
      const characters = [...part];
      const half = Math.floor(characters.length / 2);
      if (half === 0) return [];
      const halves = [characters.slice(0, half), characters.slice(half)].map((letters) => letters.join(''));
      return this.#plain(halves, first && at === 0);
    });
  }

  /** Tokens of a text of the model's own makers, in which special tokens are what they stand for. */
  encodeMarked(text: string): readonly number[] {
    return text === '' ? [] : this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /** The same of a text that goes on another one, as far as its first special token. */
  encodeMarkedWithin(text: string): readonly number[] {
    const marker = this.#markers ? text.search(this.#markers) : -1;
    const [plain, rest] = marker < 0 ? [text, ''] : [text.slice(0, marker), text.slice(marker)];
    return [...(plain === '' ? [] : this.encodeWithin(plain)), ...this.encodeMarked(rest)];
  }

  decode(ids: readonly number[]): string {
    if (ids.length === 0) return '';
    return this.#tokenizer.decode([...ids], {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
  }

  /** The vocabulary's own text of a token. */
  token(id: number): string {
    return this.#tokenizer.id_to_token(id) ?? '';
  }
}

/** The file of a tokenizer that puts nothing in front of a text, as it would in front of one that stands alone. */
function withinText<T extends z.output<typeof fileSchema>>(file: T): T {
  return {
    ...file,
    normalizer: withoutPrefix(file.normalizer),
    pre_tokenizer: withoutPrefix(file.pre_tokenizer),
  };
}

/** A step of a tokenizer without what it puts in front of a text; null where it does nothing else. */
function withoutPrefix(step: unknown): unknown {
  const parsed = stepSchema.safeParse(step);
  if (!parsed.success) return step;
  const { type, normalizers, pretokenizers } = parsed.data;
  if (type === 'Prepend') return null;
  if (type === 'Metaspace') return { ...parsed.data, prepend_scheme: 'never' };
  if (type === 'ByteLevel') return { ...parsed.data, add_prefix_space: false };
  return {
    ...parsed.data,
    ...(normalizers && { normalizers: normalizers.map(withoutPrefix) }),
    ...(pretokenizers && { pretokenizers: pretokenizers.map(withoutPrefix) }),
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The text cut after the first character of every marker, until no part holds one. */
function splitMarkers(text: string, markers: RegExp): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(markers)) {
    const cut = match.index + String.fromCodePoint(match[0].codePointAt(0) ?? 0).length;
    parts.push(text.slice(from, cut));
    from = cut;
  }
  parts.push(text.slice(from));
  // What is left of one marker may be another.
  return parts.flatMap((part) => {
    if (part === '') return [];
    return part !== text && part.search(markers) >= 0 ? splitMarkers(part, markers) : [part];
  });
}

/** A tokenizer.json as it is, not yet looked into. */
export function readTokenizerFile(path: string): unknown {
  return readJson(path, 'cannot be read as a tokenizer.json');
}

/** A byte-level BPE of these texts as a tokenizer.json. */
export function trainTokenizer(texts: Iterable<string>, size: number): object {
  const special = Object.values(SPECIAL);
  return tokenizerJson(trainBpe(texts, size, special), special);
}
