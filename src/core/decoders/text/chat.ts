/** Chat templates: what a model was taught to see around a question. They are Jinja, as transformers renders them. */
import { createContext, Script } from 'node:vm';
import { Template } from '@huggingface/jinja';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';

const MOST_CHARACTERS = 200_000;
/** A template is a program of others: one may loop without end. Those of known models take some milliseconds. */
const MOST_SECONDS = 2;
/** What day it is for a template that asks, so that prompts are the same tomorrow: the one that Llama 3's falls back to. */
const DAY: Record<string, string> = {
  ...{ Y: '2024', y: '24', m: '07', b: 'Jul', B: 'July', d: '26', j: '208', a: 'Fri', A: 'Friday' },
  ...{ H: '00', I: '12', p: 'AM', M: '00', S: '00', '%': '%' },
};
/** What templates find `dayAs` under. */
const OUR_DAY = 'tessera_day';

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
  // Those that nobody gives are None there, which a template may tell from undefined.
  const nothing = { tools: null, documents: null };
  const given = { messages, add_generation_prompt: true, ...nothing, [OUR_DAY]: dayAs, ...tokens };
  try {
    return withinTime(() => onOneDay(source).render(given));
  } catch (error) {
    throw unusable(where, isOverTime(error) ? `it takes longer than ${MOST_SECONDS} s` : messageOf(error));
  }
}

/** As Python's strftime; a hyphen leaves out the zero in front. */
const dayAs = (format: string) =>
  format.replaceAll(/%(-?)([YymbBdjaAHIpMS%])/g, (_, hyphen: string, part: string) =>
    hyphen ? DAY[part].replace(/^0(?=\d)/, '') : DAY[part],
  );

/** A template whose clock stands: the library's own has the language of the machine, too. */
function onOneDay(source: string): Template {
  const template = new Template(source);
  template.parsed.body.unshift(...new Template(`{% set strftime_now = ${OUR_DAY} %}`).parsed.body);
  return template;
}

/** Node ends what a script calls, too. */
function withinTime(make: () => string): string {
  return new Script('make()').runInContext(createContext({ make }), { timeout: MOST_SECONDS * 1000 });
}

const isOverTime = (error: unknown) =>
  (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';

const unusable = (where: string, why: string) =>
  new UserError(`${where}: its chat template cannot be used: ${why}; set chat=never to ask in plain text`);

/** What stands before and after a user's message, and the spaces in front of the model's answer. */
export interface ChatFrame {
  before: string;
  after: string;
  answer: string;
}

/** No template changes them, and no text of a data set is one. */
const [MESSAGE, ANSWER] = ['TESSERA-MESSAGE', 'TESSERA-ANSWER'];

/** Throws UserError as `renderChat`, and where the message does not stand in the text once. */
export function chatFrame(template: ChatTemplate, where: string): ChatFrame {
  const question = { role: 'user', content: MESSAGE };
  const open = renderChat(template, [question], where);
  const parts = open.split(MESSAGE);
  if (parts.length !== 2) throw unusable(where, `it writes a message ${parts.length - 1} times`);
  const answered = answeredText(template, question, where);
  // What else may stand there, such as room for thoughts, is for the model to write.
  const answer = answered?.startsWith(open) ? answered.slice(open.length) : '';
  return { before: parts[0], after: parts[1], answer: /^ *$/.test(answer) ? answer : '' };
}

/** A conversation as far as its answer; null where the template takes none. */
function answeredText(template: ChatTemplate, question: Message, where: string): string | null {
  try {
    const answer = { role: 'assistant', content: ANSWER };
    return renderChat(template, [question, answer], where).split(ANSWER, 1)[0];
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
