/** Prompt templates: what a member, the past interactions and the question look like as text (360Brew's anatomy). */
import { z } from 'zod';
import { UserError } from '../../../errors.ts';

/** Questions a prompt can end with. The last wording of each is kept out of training, to test an unseen one. */
export const TASKS = ['like', 'rating', 'genre', 'pick'] as const;
export type Task = (typeof TASKS)[number];

const text = (description: string) => z.string().max(4000).describe(description);
const wordings = z.array(text('Wording')).min(1).max(20);

export const templateSchema = z.object({
  name: z.string().min(1).max(60).describe('Name of the template'),
  instruction: text('What the model is to do, and what to focus on'),
  note: text('A remark after the instruction; may be empty').default(''),
  profile: text('The member; {user.…} are columns of the users file').default(''),
  heading: text('Stands over the past interactions'),
  order: z
    .enum(['listed', 'by-answer'])
    .describe('Past interactions oldest first, or grouped by their answer')
    .default('listed'),
  interaction: text('One past interaction: {item.…}, {answer}, {rating}, {ago}'),
  choice: text('One of several items to pick from: {letter} and {item.…}'),
  card: text('Everything about one item, for the first stage of training'),
  questions: z.object({ like: wordings, rating: wordings, genre: wordings, pick: wordings }),
  answers: z.object({ yes: z.string().min(1).max(40), no: z.string().min(1).max(40) }),
  genre: z
    .string()
    .describe('Field whose first entry on which items differ is the answer of the genre task')
    .default('item.genres'),
  values: z
    .record(z.string(), z.record(z.string(), z.string()))
    .describe('Words for the codes of a field')
    .default({}),
});

export type Template = z.output<typeof templateSchema>;

/** A piece of a parsed text: fixed words, or a field's place. */
export type TemplatePart = { literal: string } | { field: string };

const SLOT = /\{([a-z][a-z0-9_.]*)\}/gi;

/** Fixed words and slots of a template's text, in order. */
export function parseTemplateText(source: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (const match of source.matchAll(SLOT)) {
    if (match.index > from) parts.push({ literal: source.slice(from, match.index) });
    parts.push({ field: match[1] });
    from = match.index + match[0].length;
  }
  if (from < source.length) parts.push({ literal: source.slice(from) });
  return parts;
}

/** Fields of an interaction that are no columns of a file. */
const INTERACTION_FIELDS = ['answer', 'rating', 'ago'];

/** The texts of a template with the fields that each may hold besides those of the user. */
function textsOf({ instruction, note, profile, heading, interaction, choice, card, questions }: Template) {
  const item = (more: string[] = []) => ({ item: true, more });
  const none = { item: false, more: [] as string[] };
  return [
    ...[instruction, note, profile, heading].map((source) => ({ source, allowed: none })),
    { source: interaction, allowed: item(INTERACTION_FIELDS) },
    { source: choice, allowed: item(['letter']) },
    { source: card, allowed: item() },
    ...[questions.like, questions.rating].flat().map((source) => ({ source, allowed: item() })),
    ...questions.genre.map((source) => ({ source, allowed: none })),
    ...questions.pick.map((source) => ({ source, allowed: { item: false, more: ['choices'] } })),
  ];
}

/**
 * Checks a template against the fields of a data set: names such as "item.title" and "user.age".
 * @throws UserError naming a field that is not there, with those that are
 */
export function checkTemplate(template: Template, fields: readonly string[]): void {
  for (const { source, allowed } of textsOf(template)) {
    for (const part of parseTemplateText(source)) {
      if (!('field' in part)) continue;
      const { field } = part;
      const known = fields.filter((name) => allowed.item || name.startsWith('user.'));
      if (known.includes(field) || allowed.more.includes(field)) continue;
      const choices = [...known, ...allowed.more].map((name) => `{${name}}`).join(', ') || 'none';
      throw new UserError(
        `template "${template.name}": {${field}} cannot stand in "${source}"; fields there: ${choices}`,
      );
    }
  }
  if (template.answers.yes.trim() === template.answers.no.trim()) {
    throw new UserError(`template "${template.name}": its two answers are the same word`);
  }
}

/**
 * @throws UserError saying what is wrong with a template that came from outside; `where` names it
 */
export function parseTemplate(value: unknown, where: string): Template {
  const parsed = templateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`${where}: no template: ${issue.path.join('.')}: ${issue.message}`);
}

const questionsAbout = (item: string, choices: string): Template['questions'] => ({
  like: [
    `Will the member like this one?\n${item} |`,
    `Next the member tries\n${item} |`,
    `Does this suit the member?\n${item} |`,
    `Judging by the list above, would the member enjoy it?\n${item} |`,
  ],
  rating: [
    `How many stars will the member give?\n${item} | stars`,
    `Stars out of five from the member?\n${item} | stars`,
    `Predict the member's rating.\n${item} | stars`,
  ],
  genre: ['Which kind does the member take next?\nkind', 'Kind of the next choice?\nkind', 'Next kind\nkind'],
  pick: [
    `Which of these does the member take next?\n${choices}\nletter`,
    `One of these is the member's next choice:\n${choices}\nletter`,
    `Pick what the member turns to.\n${choices}\nletter`,
  ],
});

const film = '{item.title} | {item.year} | {item.genres}';
const product = '{item.title} | {item.brand} | {item.categories} | {item.price}';

/** Code lists of the README of MovieLens-1M. */
const movielensCodes = {
  'user.age': {
    '1': 'under 18',
    '18': '18 to 24',
    '25': '25 to 34',
    '35': '35 to 44',
    '45': '45 to 49',
    '50': '50 to 55',
    '56': '56 or older',
  },
  'user.gender': { F: 'woman', M: 'man' },
  'user.occupation': Object.fromEntries(
    (
      'other|educator|artist|clerk|student|customer service|health care|executive|farmer|homemaker|school student|' +
      'lawyer|programmer|retired|sales|scientist|self-employed|engineer|trades|unemployed|writer'
    )
      .split('|')
      .map((name, code) => [String(code), name]),
  ),
};

const listing = 'Past choices, oldest first: title | year | kinds | liked | stars';
const instruction = "Predict the member's answers from the past choices. Each line is one choice.";

const movielens = templateSchema.parse({
  name: 'movielens',
  instruction,
  heading: listing,
  interaction: `${film} | {answer} | {rating}`,
  choice: `{letter} | ${film}`,
  card: `Film | ${film}`,
  questions: questionsAbout(film, '{choices}'),
  answers: { yes: 'yes', no: 'no' },
});

const movielens1m: Template = {
  ...movielens,
  name: 'movielens-1m',
  profile: 'Member | {user.gender} | {user.age} | {user.occupation}',
  values: movielensCodes,
};

/** Ready templates by name. */
export const templates: Readonly<Record<string, Template>> = {
  movielens,
  'movielens-1m': movielens1m,
  // Lines of titles alone are half as long: twice the past interactions, and answers to learn from, in a context. Years and
  // kinds stand on the item cards of the first stage.
  'movielens-1m-titles': {
    ...movielens1m,
    name: 'movielens-1m-titles',
    heading: 'Past choices, oldest first: title | liked, stars',
    interaction: '{item.title} | {answer} {rating}',
    choice: '{letter} | {item.title}',
    questions: questionsAbout('{item.title}', '{choices}'),
  },
  amazon: templateSchema.parse({
    name: 'amazon',
    instruction,
    heading: 'Past choices, oldest first: title | brand | categories | price',
    interaction: product,
    choice: `{letter} | ${product}`,
    card: `Product | ${product}`,
    questions: questionsAbout(product, '{choices}'),
    answers: { yes: 'yes', no: 'no' },
    genre: 'item.categories',
  }),
  plain: templateSchema.parse({
    name: 'plain',
    instruction,
    heading: 'Past choices, oldest first: title | liked',
    interaction: '{item.title} | {answer}',
    choice: '{letter} | {item.title}',
    card: 'Item | {item.title}',
    questions: questionsAbout('{item.title}', '{choices}'),
    answers: { yes: 'yes', no: 'no' },
    genre: 'item.title',
  }),
};

/** The first ready template whose fields a data set has. */
export function readyTemplate(fields: readonly string[]): Template {
  for (const name of ['movielens-1m', 'movielens', 'amazon', 'plain']) {
    try {
      checkTemplate(templates[name], fields);
      return templates[name];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  throw new UserError(
    `no ready template fits: the data set has ${fields.join(', ') || 'no titles'}; write a template of its own`,
  );
}
