import type { Locator } from '@playwright/test';

/** Chooses in a list that opens below its field, by what a choice is called or by its value. */
export async function choose(field: Locator, choice: string): Promise<void> {
  const page = field.page();
  await field.click();
  const called = page.getByRole('option', { name: choice, exact: true });
  await called
    .or(page.locator(`[role="option"][data-choice="${choice}"]`))
    .first()
    .click();
}
