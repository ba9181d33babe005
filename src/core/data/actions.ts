/**
 * What a user did in an interaction, besides having it. The bits are those with which the ranking variant of HSTU writes
 * KuaiRand's feedback as one number (released code of Zhai et al. 2024).
 */
export const ACTIONS = [
  { name: 'click', bit: 1, column: 'is_click' },
  { name: 'like', bit: 2, column: 'is_like' },
  { name: 'follow', bit: 4, column: 'is_follow' },
  { name: 'comment', bit: 8, column: 'is_comment' },
  { name: 'forward', bit: 16, column: 'is_forward' },
  { name: 'hate', bit: 32, column: 'is_hate' },
  { name: 'long-view', bit: 64, column: 'long_view' },
  { name: 'profile-enter', bit: 128, column: 'is_profile_enter' },
] as const;

export type ActionName = (typeof ACTIONS)[number]['name'];

/** The actions that a table has columns of, in the order of their bits. */
export function actionsOf(columns: readonly string[]): ActionName[] {
  return ACTIONS.filter(({ column }) => columns.includes(column)).map(({ name }) => name);
}

/** The columns of these actions. */
export function actionColumns(actions: readonly ActionName[]): string[] {
  return ACTIONS.filter(({ name }) => actions.includes(name)).map(({ column }) => column);
}
