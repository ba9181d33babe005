/** What is done with plans, from whatever screen. */
import { deleting } from '../../core/api/changes.ts';
import type { PlanHead } from '../../core/api/plans.ts';
import { client } from '../state/api.ts';
import { change } from '../state/deeds.ts';
import { goTo } from '../state/navigation.ts';
import { attempt } from '../state/toasts.ts';

/** Makes a plan of a text, and opens it. */
export const newPlan = (text: () => string | Promise<string>): Promise<boolean> =>
  attempt('Could not make the plan', async () => {
    const { id } = await client.plans.save({ text: await text() });
    goTo('plans', [id]);
  });

/** One that is a beginning; the data set is one of the home, where there is any. */
export async function blankPlan(): Promise<string> {
  const [first] = await client.datasets.list();
  return [
    'plan: New plan',
    'tables:',
    `  - data: ${JSON.stringify(first?.name ?? 'a data set')}`,
    '    split: leave-last-out',
    'models:',
    '  - popularity',
    '  - itemknn: { trials: 12 }',
    '  - sasrec',
    'seeds: 1-3',
    'baseline: sasrec',
    'metrics: [ndcg@10, hr@10]',
    'paper: { style: acm }',
    '',
  ].join('\n');
}

export async function deletePlan({ id, name }: Pick<PlanHead, 'id' | 'name'>): Promise<void> {
  const words = {
    label: `deletion of the plan ${name}`,
    title: `Moved ${name} to the trash`,
  };
  if (await change('Could not delete the plan', words, [deleting('plan', [id])])) goTo('plans');
}
