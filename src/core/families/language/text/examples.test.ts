import { expect, test } from 'vitest';
import { leaveLastOut } from '../../../data/splits/leave-last-out.ts';
import type { Interactions } from '../../../data/types.ts';
import { TextTokenizer, trainTokenizer } from '../../../decoders/text/tokenizer.ts';
import { Random } from '../../../math/random.ts';
import { Examples } from './examples.ts';
import { Verbaliser } from './prompt.ts';
import { templates } from './template.ts';

const names = ['Heat', 'Jumanji', 'Balto', 'Casino', 'Nixon', 'Sabrina', 'Babe', 'Clueless'];
const fields = ['item.genres', 'item.title', 'item.year', 'user.age', 'user.gender', 'user.occupation'];
const records = {
  fields,
  items: names.map((name) => ({ 'item.title': name, 'item.year': '1995', 'item.genres': 'Drama' })),
  users: [{ 'user.age': '25', 'user.gender': 'F', 'user.occupation': '12' }],
};
/** One user without ratings: three items to train on, Casino to validate, Nixon to test. */
const data: Interactions = {
  ...{ users: 1, items: names.length, catalogueItems: names.length, times: null, ratings: null },
  ...{ offsets: Int32Array.of(0, 5), itemIds: Int32Array.of(0, 1, 2, 3, 4) },
};

test('training shows the held-out items as often as others that the user lacks', () => {
  const tokenizer = new TextTokenizer(
    trainTokenizer([`${names.join(' ')} | 1995 | Drama | yes no\n`.repeat(9)], 300),
    'test',
  );
  const verbaliser = new Verbaliser(templates['movielens-1m'], tokenizer, data, records, {
    ...{ shots: 5, context: 2000, likeFrom: 4 },
  });
  const examples = new Examples(verbaliser, leaveLastOut(data), {
    ...{ stage: 'fine-tuning', supervise: 'answers', unseenTask: 'none', seed: 1 },
  });
  const texts = Array.from({ length: 1500 }, (_, at) =>
    tokenizer.decode([...examples.draw(new Random(7, at, 'draw')).ids]),
  );
  const shown = names.map((name) => texts.filter((text) => text.includes(name)).length);
  // Half of the questions are about one of the five items that the training part lacks.
  for (const lacking of shown.slice(3)) expect(lacking / texts.length).toBeCloseTo(0.1, 1.3);
  const held = examples.heldOut([0, 0, 0, 0], () => 3).map(({ ids }) => tokenizer.decode([...ids]));
  expect(held.every((text) => text.includes('Casino') || /Nixon|Sabrina|Babe|Clueless/.test(text))).toBe(
    true,
  );
});
