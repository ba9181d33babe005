import type { Locator, Page } from '@playwright/test';
import { pressShortcut } from './keys.ts';

/** The list of data sets, and the page of one. */
export class DatasetsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** By the keyboard, as "g d". */
  async open(): Promise<void> {
    await pressShortcut(this.#page, 'g', 'd');
  }

  row(name: string): Locator {
    return this.#page.getByRole('grid', { name: 'Data sets' }).getByRole('row').filter({ hasText: name });
  }

  /** Opens one from the list. */
  async show(name: string): Promise<void> {
    await this.row(name).dblclick();
    await this.#page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  get statistics(): Locator {
    return this.#page.getByRole('table', { name: 'Statistics' });
  }

  async items(search: string): Promise<Locator> {
    await this.#page.getByRole('tab', { name: 'Items' }).click();
    await this.#page.getByRole('searchbox', { name: 'Search items' }).fill(search);
    return this.#page.getByRole('grid', { name: 'Items' }).getByRole('row');
  }

  /** Asks for the deletion; the dialog then says what it takes along. */
  async askToDelete(): Promise<Locator> {
    await this.#page.getByRole('button', { name: 'Delete', exact: true }).click();
    return this.#page.getByRole('dialog', { name: /^Delete / });
  }
}
