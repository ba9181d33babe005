import type { Locator, Page } from '@playwright/test';
import { pressShortcut } from './keys.ts';

/** Settings, and the dialog that changes the data folder. */
export class SettingsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** By the keyboard, as "g s". */
  async open(): Promise<void> {
    await pressShortcut(this.#page, 'g', 's');
  }

  get dataFolder(): Locator {
    return this.#page.getByRole('region', { name: 'Data folder' }).getByRole('code');
  }

  get dialog(): Locator {
    return this.#page.getByRole('dialog', { name: 'Change the data folder' });
  }

  async askForFolder(path: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Change folder' }).click();
    await this.dialog.getByLabel('Folder', { exact: true }).fill(path);
  }
}
