import type { Locator, Page } from '@playwright/test';

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
    return this.#page.getByRole('searchbox', { name: 'Search runs' });
  }

  get foldSeeds(): Locator {
    return this.#page.getByRole('checkbox', { name: 'Fold seeds' });
  }

  /** Rows whose cells contain the text. */
  row(text: string): Locator {
    return this.table.getByRole('row').filter({ hasText: text });
  }

  async filter(field: string, condition: string, value: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Filter', exact: true }).click();
    const form = this.#page.getByRole('dialog', { name: 'Filter' });
    await form.getByLabel('Field').selectOption({ label: field });
    await form.getByLabel('Condition').selectOption({ label: condition });
    await form.getByLabel('Value').fill(value);
    await form.getByRole('button', { name: 'Add' }).click();
  }

  async group(field: string): Promise<void> {
    await this.#page.getByLabel('Group by').selectOption({ label: field });
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
    await this.#page.getByRole('button', { name: /^Move/ }).click();
    await this.#page.getByRole('dialog').getByLabel('Project').fill(project);
    await this.#page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
    await this.#page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  async deleteSelected(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Delete' }).click();
  }
}
