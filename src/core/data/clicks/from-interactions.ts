import { UserError } from '../../errors.ts';
import { ACTIONS, type ActionName } from '../actions.ts';
import { columnHash } from '../fingerprint.ts';
import { openInteractions } from '../read.ts';
import type { Interactions } from '../types.ts';
import { singleFeature } from './read.ts';
import type { ClickTable, FeatureColumn } from './types.ts';

/** Names of the features that `historyFeatures` makes. */
export const HISTORY_FEATURES: readonly string[] = ['history', 'history-labels'];

/** What counts as a click in a data set of interactions. */
export type InteractionLabels =
  | { kind: 'rating'; least: number }
  | { kind: 'actions'; tasks: readonly ActionName[] }
  /** Every interaction is a positive; negatives are sampled. */
  | { kind: 'positives' };

/**
 * The interactions of a data set as rows, users one after the other, each in time order: user and item as features,
 * and labels by a rule.
 * @throws UserError where the rule asks for ratings or actions that the data set has not, or gives one label only
 */
export async function interactionRows(directory: string, rule: InteractionLabels): Promise<ClickTable> {
  const data = await openInteractions(directory);
  const rows = data.itemIds.length;
  const users = new Int32Array(rows);
  for (let user = 0; user < data.users; user++) users.fill(user, data.offsets[user], data.offsets[user + 1]);
  const { itemIds: items } = data;
  const { tasks, labels, labelHash } = labelsOf(data, rule);
  return {
    rows,
    tasks,
    labels,
    times: data.times,
    users,
    items,
    itemCount: data.catalogueItems,
    groupSize: 1,
    labelHash,
    dense: [],
    features: [idFeature('user', data.users, users), idFeature('item', data.catalogueItems, items)],
  };
}

function idFeature(of: 'user' | 'item', count: number, ids: Int32Array): FeatureColumn {
  return singleFeature({ name: of, of, follows: of, vocabulary: count + 1 }, (row) => ids[row] + 1);
}

/** What a label of ratings is called. */
export const ratingTask = (least: number) => `rating>=${least}`;

function labelsOf(
  data: Interactions,
  rule: InteractionLabels,
): Pick<ClickTable, 'tasks' | 'labels' | 'labelHash'> {
  const { ratings, actions } = data;
  if (rule.kind === 'positives') return { tasks: [], labels: [] };
  if (rule.kind === 'rating') {
    if (!ratings) throw new UserError('the data set has no ratings for labels=rating; set labels=sampled');
    const labels = Uint8Array.from(ratings, (rating) => (rating >= rule.least ? 1 : 0));
    if (!labels.includes(0) || !labels.includes(1)) {
      throw new UserError(
        `minRating=${rule.least} makes every label ${labels[0]}; choose a rating between the lowest and the highest`,
      );
    }
    return {
      tasks: [ratingTask(rule.least)],
      labels: [labels],
      labelHash: { ratings: columnHash(ratings) },
    };
  }
  if (!actions) {
    throw new UserError('the data set has no actions for labels=actions; import columns such as is_click');
  }
  const labels = rule.tasks.map((task) => {
    const bit = ACTIONS.find(({ name }) => name === task)?.bit ?? 0;
    return Uint8Array.from(actions, (bits) => (bits & bit ? 1 : 0));
  });
  const constant = labels.findIndex((column) => !column.includes(0) || !column.includes(1));
  if (constant >= 0) {
    throw new UserError(
      `the action ${rule.tasks[constant]} is ${labels[constant][0]} in every row; choose others with actions=…`,
    );
  }
  return { tasks: [...rule.tasks], labels, labelHash: { actions: columnHash(actions) } };
}

/**
 * The user's known rows before each row as two aligned features: `history`, their items, and `history-labels`, code 1
 * or 2 for a first label of 0 or 1 (2 where every row is a positive). `table` is that of `interactionRows`, `known` [rows]
 * is 1 for the rows that may enter.
 */
export function historyFeatures(table: ClickTable, known: Uint8Array, length: number): FeatureColumn[] {
  const { users, items, labels, itemCount } = table;
  if (!users || !items) throw new UserError('a history needs user and item columns; set history=0');
  const entering = Int32Array.from({ length: table.rows }, (_, row) => row).filter((row) => known[row] === 1);
  const before = new Int32Array(table.rows + 1);
  /** Of the user's rows, the known ones stand from here on in `entering`. */
  const begun = new Int32Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    before[row + 1] = before[row] + known[row];
    begun[row] = row > 0 && users[row] === users[row - 1] ? begun[row - 1] : before[row];
  }
  const feature = (
    name: string,
    of: 'item' | 'other',
    vocabulary: number,
    code: (row: number) => number,
  ) => ({
    name,
    of,
    vocabulary,
    width: length,
    read: (row: number, target: Int32Array, at: number) => {
      const from = Math.max(begun[row], before[row] - length);
      for (let index = from; index < before[row]; index++) target[at + index - from] = code(entering[index]);
      return before[row] - from;
    },
  });
  return [
    feature(HISTORY_FEATURES[0], 'item', itemCount + 1, (row) => items[row] + 1),
    feature(HISTORY_FEATURES[1], 'other', 3, (row) => (labels.length === 0 ? 2 : labels[0][row] + 1)),
  ];
}
