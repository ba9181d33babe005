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

  /** All commands are its tooltip, one a line. */
  get command(): Locator {
    return this.dialog.getByRole('region', { name: 'Commands' }).locator('code');
  }

  async fill({ model, dataset, seeds, name, config = {} }: NewRun): Promise<void> {
    const { dialog } = this;
    if (dataset !== undefined) await this.#pick('Data set', dataset);
    const removing = dialog.getByRole('button', { name: /^Remove / });
    await removing.first().waitFor();
    for (let left = await removing.count(); left > 0; left--) await removing.first().click();
    await this.#pick('Models', model);
    if (seeds !== undefined) await dialog.getByLabel('Seeds', { exact: true }).fill(seeds);
    if (name !== undefined) {
      await this.open('Name, tags');
      await dialog.getByLabel('Name', { exact: true }).fill(name);
    }
    await this.set(config);
  }

  /** Fields of the model's form, by their label. */
  async set(config: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(config)) {
      await this.find(label);
      await this.dialog.getByLabel(label, { exact: true }).fill(value);
    }
    if (Object.keys(config).length > 0) await this.find('');
  }

  /** Makes a field that is shown one of several values, or one value again. */
  async vary(label: string, deed: 'Vary' | 'Fix' = 'Vary'): Promise<void> {
    await this.dialog.getByRole('button', { name: `${deed} ${label}`, exact: true }).click();
  }

  /** Types values as chips, each in place of those that are there. */
  async list(label: string, values: string): Promise<void> {
    const field = this.#page.getByRole('textbox', { name: label, exact: true });
    const chips = this.dialog.locator('.field', { has: field }).getByRole('button', { name: /^Leave out / });
    for (let left = await chips.count(); left > 0; left--) await chips.first().click();
    await field.fill(values);
    await field.press('Enter');
  }

  /** Chooses in a searchable list. */
  async #pick(label: string, text: string): Promise<void> {
    const field = this.dialog.getByRole('combobox', { name: label });
    await field.fill(text);
    await field.press('Enter');
  }

  /** Adds a model to those that are chosen. */
  async add(model: string): Promise<void> {
    await this.#pick('Models', model);
  }

  /** Opens a section of the form. */
  async open(section: string): Promise<void> {
    await this.dialog.getByRole('button', { name: section, exact: true, expanded: false }).click();
  }

  /** Shows the settings that have the words, or with none all of them as they are folded. */
  async find(words: string): Promise<void> {
    await this.dialog.getByRole('searchbox', { name: 'Find a setting' }).fill(words);
  }

  async start(): Promise<void> {
    await this.dialog.getByRole('button', { name: /^Queue \d* ?runs?/ }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }
}
