import { expect, type Locator, type Page } from '@playwright/test';

/** The page of one run. */
export class RunPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** How far it is. */
  get progress(): Locator {
    return this.#page.getByRole('main').getByRole('progressbar');
  }

  async show(view: string): Promise<void> {
    await this.#page.getByRole('tab', { name: view, exact: true }).click();
  }

  /** The chart of a measure, such as "Loss". */
  chart(title: string): Locator {
    return this.#page.getByRole('img', { name: new RegExp(`^${title}: `) });
  }

  /** Waits until another picture is drawn than the one there is now. */
  async watchMove(chart: Locator): Promise<void> {
    const picture = () => chart.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    await expect(chart.locator('canvas')).toBeVisible();
    const before = await picture();
    await expect.poll(async () => (await picture()) !== before).toBe(true);
  }

  /** Such as "Resume" or "Cancel"; its name goes on with the run's. */
  button(name: string): Locator {
    return this.#page.getByRole('main').getByRole('button', { name: new RegExp(`^${name}\\b`) });
  }
}
