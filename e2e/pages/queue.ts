import type { Locator, Page } from '@playwright/test';

/** What trains, waits and could go on. */
export class QueuePage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  list(name: 'Running' | 'Waiting' | 'Paused' | 'Stopped'): Locator {
    return this.#page.getByRole('region', { name });
  }

  /** Names of the waiting runs, the next one first. */
  waiting(): Promise<string[]> {
    return this.list('Waiting').getByRole('link').allTextContents();
  }

  button(name: string | RegExp): Locator {
    return this.#page.getByRole('main').getByRole('button', { name, exact: true });
  }
}
