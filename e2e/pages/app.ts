import type { Locator, Page } from '@playwright/test';
import { RunsPage } from './runs.ts';

/** The window as a whole. */
export class App {
  readonly page: Page;
  readonly runs: RunsPage;
  /** Errors of the page and in its console since it was opened. */
  readonly problems: readonly string[];
  readonly #url: string;

  constructor(page: Page, url: string, problems: readonly string[]) {
    this.page = page;
    this.#url = url;
    this.problems = problems;
    this.runs = new RunsPage(page);
  }

  async open(): Promise<void> {
    await this.page.goto(this.#url);
  }

  get sidebar(): Locator {
    return this.page.getByRole('navigation', { name: 'Screens' });
  }

  get messages(): Locator {
    return this.page.getByRole('list', { name: 'Messages' });
  }

  /** Chooses a command in the palette. */
  async command(text: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+k');
    await this.page.getByRole('combobox', { name: 'Command' }).fill(text);
    await this.page.keyboard.press('Enter');
  }
}
