/** What a prompt consists of, what it asks, and what decides how it is written. */
import type { ChatFrame } from '../../../decoders/text/chat.ts';
import type { Task } from './template.ts';

export type PartKind =
  /** What a chat template writes around a message. */
  'turn' | 'instruction' | 'note' | 'profile' | 'heading' | 'interaction' | 'question' | 'answer' | 'card';

export interface Piece {
  text: string;
  /** Name of the field whose value it is; null for the template's own words. */
  field: string | null;
  ids: readonly number[];
  /** Whether the value was longer than a slot takes. */
  cut: boolean;
  /** Whether it is an answer that training may learn. */
  answer: boolean;
}

export interface PromptPart {
  kind: PartKind;
  pieces: Piece[];
  tokens: number;
}

export interface Prompt {
  parts: PromptPart[];
  /** Past interactions in it, and those left out because there were more shots or tokens than fit, oldest first. */
  shown: number;
  dropped: number;
  /** Of everything, the answer included. */
  tokens: number;
}

/** One past interaction by its place among the data set's. */
export interface Question {
  task: Task;
  wording: string;
  /** The item that the question is about. */
  item: number;
  /** Items to pick from, the true one among them; for the task "pick". */
  choices?: readonly number[];
}

export interface VerbaliserOptions {
  /** Most past interactions in a prompt. */
  shots: number;
  /** Most tokens of a prompt, answer included. */
  context: number;
  /** Smallest rating that is a like. */
  likeFrom: number;
  /** Around the prompt of a model that was taught to chat: the answer follows without a space. */
  chat?: ChatFrame | null;
}

/** What a control changes in a prompt. */
export interface PromptChanges {
  /** Most past interactions. Default: as many as the verbaliser shows. */
  shots?: number;
  /** Past interactions in a random order, by this seed. */
  shuffled?: number;
  /** Titles say nothing: of the past interactions, and of the item in question. */
  masked?: boolean;
}

/** The characters of a prompt. */
export function promptText({ parts }: Prompt): string {
  return parts.flatMap(({ pieces }) => pieces.map(({ text }) => text)).join('');
}
