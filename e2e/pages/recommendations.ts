import { expect, type Locator, type Page } from '@playwright/test';

/** What runs recommend to a user, on the page of a run and in a comparison. */
export class RecommendationsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get search(): Locator {
    return this.#page.getByRole('searchbox', { name: 'Search users' });
  }

  get users(): Locator {
    return this.#page.getByRole('listbox', { name: 'Users' }).getByRole('option');
  }

  get list(): Locator {
    return this.#page.getByRole('table', { name: 'Recommendations' });
  }

  get history(): Locator {
    return this.#page.getByRole('table', { name: 'History' });
  }

  /** The figure with the rank of the held-out item by a run. */
  rank(run: string): Locator {
    return this.#page.locator('.for-user .figure').filter({ hasText: run });
  }

  /** Waits until users and lists are those that were asked for last. */
  async settled(): Promise<void> {
    await expect(this.#page.locator('.recommendations [aria-busy=true]')).toHaveCount(0);
  }

  /** Sets another run of the data set beside this one. */
  async compareWith(run: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Compare with' }).click();
    await this.#page.getByRole('menuitemcheckbox', { name: run }).click();
    await this.#page.keyboard.press('Escape');
  }
}
