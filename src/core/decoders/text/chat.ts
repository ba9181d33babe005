/** Chat templates: what a model was taught to see around a question. They are Jinja, as transformers renders them. */
import { Template } from '@huggingface/jinja';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';

const MOST_CHARACTERS = 200_000;

export const chatTemplateSchema = z.object({
  source: z.string().min(1).max(MOST_CHARACTERS),
  /** Special tokens that it names, such as bos_token. */
  tokens: z.record(z.string(), z.string()),
});
export type ChatTemplate = z.output<typeof chatTemplateSchema>;

export interface Message {
  role: string;
  content: string;
}

/**
 * The text of a conversation, open for the model's answer: transformers' apply_chat_template with add_generation_prompt.
 * @throws UserError where the template cannot be read, or refuses the messages; `where` names it
 */
export function renderChat(
  { source, tokens }: ChatTemplate,
  messages: readonly Message[],
  where: string,
): string {
  if (source.length > MOST_CHARACTERS)
    throw unusable(where, `it has ${source.length} characters, more than ${MOST_CHARACTERS}`);
  try {
    return new Template(source).render({ messages, add_generation_prompt: true, ...tokens });
  } catch (error) {
    throw unusable(where, messageOf(error));
  }
}

const unusable = (where: string, why: string) =>
  new UserError(`${where}: its chat template cannot be used: ${why}; set chat=never to ask in plain text`);

/** What stands before and after a user's message. */
export interface ChatFrame {
  before: string;
  after: string;
}

/** No template changes it, and no text of a data set is it. */
const MESSAGE = 'TESSERA-MESSAGE';

/** Throws UserError as `renderChat`, and where the message does not stand in the text once. */
export function chatFrame(template: ChatTemplate, where: string): ChatFrame {
  const parts = renderChat(template, [{ role: 'user', content: MESSAGE }], where).split(MESSAGE);
  if (parts.length !== 2) throw unusable(where, `it writes a message ${parts.length - 1} times`);
  return { before: parts[0], after: parts[1] };
}
