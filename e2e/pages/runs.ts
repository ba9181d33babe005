import type { Locator, Page } from '@playwright/test';
import { choose } from './select.ts';

/** The table of runs. */
export class RunsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** A grid of rows, or with groups a tree of them. */
  get table(): Locator {
    return this.#page.getByLabel('Runs', { exact: true }).and(this.#page.locator('.table'));
  }

  get columns(): Locator {
    return this.table.getByRole('columnheader');
  }

  get filters(): Locator {
    return this.#page.getByRole('list', { name: 'Filters' });
  }

  get search(): Locator {
    return this.#page.getByRole('combobox', { name: 'Search runs' });
  }

  /** Seeds of a configuration in one row, or every run in its own. */
  readonly foldSeeds = {
    check: () => this.#page.getByRole('button', { name: 'Group seeds' }).click(),
    uncheck: () => this.#page.getByRole('button', { name: 'All runs' }).click(),
  };

  /** What can be done with the selected rows. */
  get bar(): Locator {
    return this.#page.getByRole('toolbar', { name: 'Selected runs' });
  }

  /** All but the headings of groups. */
  get rows(): Locator {
    return this.table.getByRole('row').filter({ has: this.#page.locator('.table-cell') });
  }

  /** Rows with a cell that tells the text, which is often cut short, at the pointer. */
  row(text: string): Locator {
    return this.rows.filter({ has: this.#page.getByTitle(text) });
  }

  heading(text: string): Locator {
    return this.table
      .getByRole('row')
      .filter({ has: this.#page.locator('.table-section') })
      .filter({ hasText: text });
  }

  async filter(field: string, condition: string, value: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Add filter' }).click();
    for (const name of [field, condition])
      await this.#page.getByRole('option', { name, exact: true }).click();
    await this.search.pressSequentially(value);
    await this.search.press('Enter');
  }

  async group(field: string): Promise<void> {
    await choose(this.#page.getByLabel('Group by'), `Group by ${field}`);
  }

  async view(choice: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Views' }).click();
    await this.#page.getByRole('menuitem', { name: choice, exact: true }).click();
  }

  /** Chooses in the menu of projects. */
  async project(choice: string): Promise<void> {
    await this.#page.getByRole('button', { name: /^Project: / }).click();
    await this.#page.getByRole('menuitem', { name: choice, exact: true }).click();
  }

  /** Moves the run of this name to a project. */
  async move(run: string, project: string): Promise<void> {
    await this.row(run).click();
    await this.bar.getByRole('button', { name: 'Move' }).click();
    await this.#page.getByRole('dialog').getByLabel('Project').fill(project);
    await this.#page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
    await this.#page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  async deleteSelected(): Promise<void> {
    await this.bar.getByRole('button', { name: 'Delete' }).click();
  }
}
