import type { Locator, Page } from '@playwright/test';

export interface NewRun {
  /** Its id, such as "sasrec". */
  model: string;
  dataset?: string;
  seeds?: string;
  name?: string;
  /** Fields of the model's form, by their label. */
  config?: Record<string, string>;
}

/** The dialog that puts runs into the queue. */
export class NewRunPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get dialog(): Locator {
    return this.#page.getByRole('dialog', { name: 'New run' });
  }

  get estimate(): Locator {
    return this.dialog.getByRole('status', { name: 'Estimate' });
  }

  get command(): Locator {
    return this.dialog.getByLabel('Equivalent command');
  }

  async fill({ model, dataset, seeds, name, config = {} }: NewRun): Promise<void> {
    const { dialog } = this;
    if (dataset !== undefined) await dialog.getByLabel('Data set').selectOption(dataset);
    await dialog.getByLabel('Model', { exact: true }).selectOption(model);
    if (seeds !== undefined) await dialog.getByLabel('Seeds').fill(seeds);
    if (name !== undefined) await dialog.getByLabel('Name').fill(name);
    for (const [label, value] of Object.entries(config)) {
      await this.find(label);
      await dialog.getByLabel(label, { exact: true }).fill(value);
    }
    if (Object.keys(config).length > 0) await this.find('');
  }

  /** Shows the settings that have the words, or with none all of them as they are folded. */
  async find(words: string): Promise<void> {
    await this.dialog.getByRole('searchbox', { name: 'Find a setting' }).fill(words);
  }

  async start(): Promise<void> {
    await this.dialog.getByRole('button', { name: /^Start/ }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }
}
