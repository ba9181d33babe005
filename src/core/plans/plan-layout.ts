/** How a plan that is made is written. */
export const PLAN_LAYOUT = { flowCollectionPadding: true, lineWidth: 100, collectionStyle: 'any' } as const;

/** A split by its name alone where it has no settings. */
export const splitText = (split: Readonly<Record<string, unknown>>) =>
  Object.keys(split).length === 1 ? split.split : split;
