import { expect, type Locator } from '@playwright/test';

/** Fields that a user types into; search boxes are not among them, as they only narrow what is shown. */
const TYPED =
  'input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=search], [role=combobox]), textarea';

/** What stands in each field, by its label; of one that makes chips the last chip where it is empty. */
export type Typed = Record<string, string>;

const fieldsIn = (scope: Locator) => scope.locator(TYPED).filter({ visible: true });

export async function typedIn(scope: Locator): Promise<Typed> {
  const pairs = await fieldsIn(scope).evaluateAll((all) =>
    all.map((element): [string, string] => {
      const field = element as HTMLInputElement;
      const chips = field.closest('.vary-box')?.querySelectorAll('.chip') ?? [];
      const label = field.getAttribute('aria-label') ?? field.labels?.[0]?.textContent ?? '';
      return [label, field.value || (chips[chips.length - 1]?.textContent ?? '')];
    }),
  );
  return Object.fromEntries(pairs);
}

/** Types into every field there, into those for numbers what is none, and tells what. */
export async function typeInto(scope: Locator): Promise<Typed> {
  const fields = fieldsIn(scope);
  await expect(fields.first()).toBeVisible();
  const typed: Typed = {};
  for (const label of Object.keys(await typedIn(scope))) {
    const field = fields.and(scope.page().getByLabel(label, { exact: true }));
    const [type, mode] = await Promise.all(['type', 'inputmode'].map((name) => field.getAttribute(name)));
    typed[label] = type === 'date' ? '2020-02-01' : mode === 'decimal' ? '7x' : `typed-${label.length}`;
    await field.fill(typed[label]);
  }
  return typed;
}
