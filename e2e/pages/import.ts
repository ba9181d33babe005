import { expect, type Locator, type Page } from '@playwright/test';

/** The preview of dropped files, up to the data set that comes of them. */
export class ImportPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** What else can be said of an import, once it was opened. */
  get options(): Locator {
    return this.#page.getByRole('complementary', { name: 'Import options' });
  }

  async openOptions(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Options' }).click();
    await expect(this.options).toBeVisible();
  }

  /** What would remain of users, items or interactions, once it has been counted. */
  async remaining(kind: 'Users' | 'Items' | 'Interactions'): Promise<number> {
    const counts = this.#page.getByRole('region', { name: 'Result after filters' });
    await expect(counts).toHaveAttribute('aria-busy', 'false');
    const row = counts.getByRole('row').filter({ hasText: kind });
    await expect(row.getByRole('cell').first()).toHaveText(/\d/);
    const text = await row.getByRole('cell').first().textContent();
    return Number(text?.replace(/\D/g, ''));
  }

  async name(name: string): Promise<void> {
    await this.#page.getByRole('region', { name: 'Found' }).getByLabel('Name').fill(name);
  }

  async start(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Import', exact: true }).click();
  }
}
