/** From a user's history and a question to the tokens of a prompt. */

import { categoriesOf } from '../../../content/categories.ts';
import type { Interactions } from '../../../data/types.ts';
import type { Records } from '../../../decoders/text/records.ts';
import type { PieceEncoder } from '../../../decoders/text/tokenizer.ts';
import { UserError } from '../../../errors.ts';
import { Random } from '../../../math/random.ts';
import { countText } from '../../../names.ts';
import type {
  PartKind,
  Piece,
  Prompt,
  PromptChanges,
  PromptPart,
  Question,
  VerbaliserOptions,
} from './prompt-parts.ts';
import { slotText } from './slots.ts';
import { parseTemplateText, type Template, type TemplatePart } from './template.ts';

/** Tokens of one slot at most, and the share of the context it may take; longer values are cut. */
const SLOT_TOKENS = 32;
const SLOT_SHARE = 1 / 16;
const LETTERS = 'ABCDEFGHIJ';
const TITLE = 'item.title';

/** Stands for every title that says nothing. */
const MASKED_TITLE = 'something';

/** Writes prompts of one data set in one template. */
export class Verbaliser {
  readonly template: Template;
  readonly tokenizer: PieceEncoder;
  readonly options: VerbaliserOptions;
  readonly data: Interactions;
  readonly records: Records;
  readonly #parsed = new Map<string, TemplatePart[]>();
  #genres: Genres | null = null;

  constructor(
    template: Template,
    tokenizer: PieceEncoder,
    data: Interactions,
    records: Records,
    options: VerbaliserOptions,
  ) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.data = data;
    this.records = records;
    this.options = options;
  }

  /** Whether the member liked the interaction at this place; without ratings everything taken is liked. */
  likes(place: number): boolean {
    const { ratings } = this.data;
    return ratings === null || ratings[place] >= this.options.likeFrom;
  }

  /** The template's genre field: its first entry on which items differ, as "Makeup" where everything is "Beauty". */
  get genres(): Genres {
    this.#genres ??= genresOf(this.template.genre, this.records);
    return this.#genres;
  }

  /** An answer as it follows a prompt. */
  answerText(word: string): string {
    return `${this.options.chat?.answer ?? ' '}${word}`;
  }

  answerWord(liked: boolean): string {
    return liked ? this.template.answers.yes : this.template.answers.no;
  }

  /** First tokens of the two answers to "like". Throws UserError where they are the same. */
  answerTokens(): { yes: number; no: number } {
    const [yes, no] = [true, false].map(
      (liked) => this.tokenizer.encodeWithin(this.answerText(this.answerWord(liked)))[0],
    );
    if (yes === no) {
      throw new UserError(
        `template "${this.template.name}": its answers begin with the same token; choose others`,
      );
    }
    return { yes, no };
  }

  /** What the member does at this place, in the words of a task; null where the data does not say. */
  answerTo({ task, item, choices }: Question, place: number): string | null {
    switch (task) {
      case 'like':
        return this.answerWord(this.likes(place));
      case 'rating':
        return this.data.ratings ? ratingText(this.data.ratings[place]) : null;
      case 'genre':
        return this.genres.of(item);
      case 'pick':
        return choices ? LETTERS[choices.indexOf(item)] : null;
    }
  }

  /**
   * A prompt about what the user does after the interactions before `end` (a place among the data set's). `answer` is
   * the text to learn or to score, null leaves the prompt open. Where not all fits, the oldest interactions go first.
   * @throws UserError where the template alone does not fit
   */
  prompt(
    user: number,
    end: number,
    question: Question,
    answer: string | null,
    changes: PromptChanges = {},
  ): Prompt {
    const after = [this.#question(user, question, changes), ...this.#after()];
    if (answer !== null)
      after.push(this.#part('answer', [this.#slot('answer', this.answerText(slotText(answer)), true)]));
    const needed = after.reduce((sum, { tokens }) => sum + tokens, 0);
    const { parts, shown } = this.#opening(user, end, changes, needed);
    return this.#whole([...parts, ...after], shown, end - this.data.offsets[user] - shown);
  }

  /** What the chat template writes behind the question; nothing without one. */
  #after(): PromptPart[] {
    const text = this.options.chat?.after ?? '';
    return this.#turn(text, this.tokenizer.encodeMarkedWithin(text));
  }

  #turn(text: string, ids: readonly number[]): PromptPart[] {
    return text === '' ? [] : [this.#part('turn', [{ text, field: null, ids, cut: false, answer: false }])];
  }

  /**
   * Open prompts of one user that differ in the question alone: what they share, and the tokens of each question. The
   * history leaves room for the longest one.
   */
  questions(
    user: number,
    end: number,
    questions: readonly Question[],
  ): { shared: Prompt; questions: number[][] } {
    const parts = questions.map((question) => this.#question(user, question));
    const turn = this.#after().flatMap(({ pieces: [{ ids }] }) => [...ids]);
    const needed = Math.max(...parts.map(({ tokens }) => tokens)) + turn.length;
    const opening = this.#opening(user, end, {}, needed);
    const shared = this.#whole(opening.parts, opening.shown, end - this.data.offsets[user] - opening.shown);
    return {
      shared,
      questions: parts.map(({ pieces }) => [...pieces.flatMap(({ ids }) => [...ids]), ...turn]),
    };
  }

  /** Tokens of a question about the first user. */
  questionTokens(question: Question): number {
    return this.#question(0, question).tokens;
  }

  #whole(parts: PromptPart[], shown: number, dropped: number): Prompt {
    const tokens = parts.reduce((sum, part) => sum + part.tokens, this.#frame);
    return { parts, shown, dropped, tokens };
  }

  /** Everything before the question, which needs so many tokens. */
  #opening(
    user: number,
    end: number,
    changes: PromptChanges,
    needed: number,
  ): { parts: PromptPart[]; shown: number } {
    const { instruction, note, profile, heading } = this.template;
    const chat = this.options.chat?.before ?? '';
    // The space before the instruction belongs to its first word.
    const turn = chat.replace(/ +$/, '');
    const before = [
      ...this.#turn(turn, this.tokenizer.encodeMarked(turn)),
      this.#part('instruction', this.#lines(chat.slice(turn.length) + instruction, user, turn === '')),
      ...(note === '' ? [] : [this.#part('note', this.#lines(note, user))]),
      ...(profile === '' ? [] : [this.#part('profile', this.#lines(profile, user))]),
      this.#part('heading', this.#lines(heading, user)),
    ];
    const fixed = before.reduce((sum, { tokens }) => sum + tokens, this.#frame + needed);
    const room = this.options.context - fixed;
    if (room < 0) {
      const why = `its fixed part takes ${fixed} tokens of ${this.options.context}`;
      throw new UserError(`template "${this.template.name}": ${why}; shorten it, or raise the context`);
    }
    const { lines, places } = this.#history(user, end, room, changes);
    return { parts: [...before, ...lines], shown: places };
  }

  /** A user's history alone, for the first stage: as much before `end` as fits, with room for `more` tokens. */
  history(user: number, end: number, more = 0): Prompt {
    const { profile, heading } = this.template;
    const before = [
      ...(profile === '' ? [] : [this.#part('profile', this.#lines(profile, user, true))]),
      this.#part('heading', this.#lines(heading, user, profile === '')),
    ];
    const fixed = before.reduce((sum, { tokens }) => sum + tokens, this.#frame + more);
    const all = end - this.data.offsets[user];
    const { lines, places } = this.#history(user, end, this.options.context - fixed, { shots: all });
    const parts = [...before, ...lines];
    return this.#whole(parts, places, all - places);
  }

  /** Everything about one item. */
  card(item: number): Prompt {
    const part = this.#part(
      'card',
      this.#filled(this.template.card, (field) => this.records.items[item]?.[field], true),
    );
    return { parts: [part], shown: 0, dropped: 0, tokens: part.tokens + this.#frame };
  }

  /** Tokens around every sequence. */
  get #frame(): number {
    return (this.tokenizer.begin === null ? 0 : 1) + 1;
  }

  #history(
    user: number,
    end: number,
    room: number,
    { shots = this.options.shots, shuffled, masked }: PromptChanges,
  ): { lines: PromptPart[]; places: number } {
    const first = Math.max(this.data.offsets[user], end - shots);
    const lines: { part: PromptPart; liked: boolean }[] = [];
    let left = room;
    for (let place = end - 1; place >= first; place--) {
      const part = this.#interaction(user, place, end, masked);
      if (part.tokens > left) break;
      left -= part.tokens;
      lines.push({ part, liked: this.likes(place) });
    }
    const shown =
      shuffled === undefined
        ? lines.reverse()
        : Array.from(new Random(shuffled, user, 'shuffled-history').order(lines.length), (at) => lines[at]);
    const grouped = this.template.order === 'by-answer';
    const ordered = grouped ? [...shown.filter((l) => l.liked), ...shown.filter((l) => !l.liked)] : shown;
    return { lines: ordered.map(({ part }) => part), places: lines.length };
  }

  #interaction(user: number, place: number, end: number, masked = false): PromptPart {
    const { itemIds, ratings } = this.data;
    const item = itemIds[place];
    const values: Record<string, () => string | undefined> = {
      answer: () => this.answerWord(this.likes(place)),
      rating: () => (ratings ? ratingText(ratings[place]) : undefined),
      ago: () => this.#ago(user, place, end),
    };
    const source = `${this.template.interaction}\n`;
    const pieces = this.#filled(source, (field) => {
      const given = values[field];
      return given ? given() : (this.#ofItem(item, field, masked) ?? this.#ofUser(user, field));
    });
    // Grouped by answer, or where everything is liked, an answer says nothing about its item.
    const learnable = ratings !== null && this.template.order === 'listed';
    for (const piece of pieces) piece.answer = learnable && piece.field === 'answer';
    return this.#part('interaction', pieces);
  }

  #ago(user: number, place: number, end: number): string | undefined {
    const { times, offsets } = this.data;
    if (!times) return undefined;
    const now = times[Math.min(end, offsets[user + 1] - 1)];
    const days = Math.max(0, Math.round((now - times[place]) / 86400));
    return days === 0 ? 'today' : `${countText(days, 'day')} ago`;
  }

  #ofItem(item: number, field: string, masked: boolean): string | undefined {
    return masked && field === TITLE ? MASKED_TITLE : this.records.items[item]?.[field];
  }

  #question(
    user: number,
    { wording, item, choices = [] }: Question,
    { masked = false }: PromptChanges = {},
  ): PromptPart {
    const pieces: Piece[] = [];
    for (const part of this.#parts(wording)) {
      if ('field' in part && part.field === 'choices') {
        choices.forEach((choice, at) => {
          const end = at + 1 < choices.length ? '\n' : '';
          const value = (field: string) =>
            field === 'letter' ? LETTERS[at] : this.#ofItem(choice, field, masked);
          pieces.push(...this.#filled(`${this.template.choice}${end}`, value));
        });
      } else {
        const value = (field: string) => this.#ofItem(item, field, masked) ?? this.#ofUser(user, field);
        pieces.push(...this.#pieces([part], value));
      }
    }
    return this.#part('question', this.#joined(pieces));
  }

  #ofUser(user: number, field: string): string | undefined {
    return this.records.users[user]?.[field];
  }

  /** A text of the template that speaks of the user alone, as a line. */
  #lines(source: string, user: number, first = false): Piece[] {
    return this.#filled(`${source}\n`, (field) => this.#ofUser(user, field), first);
  }

  #parts(source: string): TemplatePart[] {
    const known = this.#parsed.get(source) ?? parseTemplateText(source);
    this.#parsed.set(source, known);
    return known;
  }

  #filled(source: string, value: (field: string) => string | undefined, first = false): Piece[] {
    return this.#joined(this.#pieces(this.#parts(source), value), first);
  }

  #pieces(parts: readonly TemplatePart[], value: (field: string) => string | undefined): Piece[] {
    return parts.map((part) => {
      if ('literal' in part) return { text: part.literal, field: null, ids: [], cut: false, answer: false };
      const raw = value(part.field);
      const word = raw === undefined ? undefined : (this.template.values[part.field]?.[raw] ?? raw);
      return { text: slotText(word), field: part.field, ids: [], cut: false, answer: false };
    });
  }

  #slot(field: string, text: string, answer: boolean, first = false): Piece {
    const all = this.#tokens(text, first);
    const most = Math.min(SLOT_TOKENS, Math.floor(this.options.context * SLOT_SHARE));
    return { text, field, ids: all.slice(0, most), cut: all.length > most, answer };
  }

  /**
   * Tokens of every piece on its own, so that no token spans a slot's border; the space before a slot belongs to its
   * first word, as in running text. `first`: they begin the prompt.
   */
  #joined(pieces: readonly Piece[], first = false): Piece[] {
    let space = '';
    return pieces.map(({ text, field }, at) => {
      if (field !== null) {
        const filled = this.#slot(field, space + text, false, first && at === 0);
        space = '';
        return filled;
      }
      const lent = text.endsWith(' ') && pieces[at + 1]?.field != null;
      const kept = lent ? text.slice(0, -1) : text;
      space = lent ? ' ' : '';
      return { text: kept, field, ids: this.#tokens(kept, first && at === 0), cut: false, answer: false };
    });
  }

  #tokens(text: string, first: boolean): readonly number[] {
    return first ? this.tokenizer.encode(text) : this.tokenizer.encodeWithin(text);
  }

  #part(kind: PartKind, pieces: Piece[]): PromptPart {
    return { kind, pieces, tokens: pieces.reduce((sum, { ids }) => sum + ids.length, 0) };
  }
}

interface Genres {
  names: readonly string[];
  /** Null where it is not known. */
  of(item: number): string | null;
}

function genresOf(name: string, { items }: Records): Genres {
  const found = categoriesOf([{ name, values: items.map((item) => item[name] ?? '') }]);
  if (!found) return { names: [], of: () => null };
  const { names, labels } = found;
  return { names, of: (item) => names[labels[item]] ?? null };
}

export function ratingText(rating: number): string {
  return String(Math.round(rating * 100) / 100);
}
