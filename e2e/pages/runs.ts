import type { Locator, Page } from '@playwright/test';

/** The table of runs. */
export class RunsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get table(): Locator {
    return this.#page.getByRole('grid', { name: 'Runs' });
  }

  get search(): Locator {
    return this.#page.getByRole('searchbox', { name: 'Search runs' });
  }

  get foldSeeds(): Locator {
    return this.#page.getByRole('checkbox', { name: 'Fold seeds' });
  }

  /** Rows whose cells contain the text. */
  row(text: string): Locator {
    return this.table.getByRole('row').filter({ hasText: text });
  }

  async deleteSelected(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Delete' }).click();
  }
}
