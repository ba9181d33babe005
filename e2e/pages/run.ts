import { expect, type Locator, type Page } from '@playwright/test';
import { RecommendationsPage } from './recommendations.ts';

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

  /** Shows every view of a recommender's run, and looks at each, called such as "run-curves", once all of it is there. */
  async eachView(look: (name: string) => Promise<void>): Promise<void> {
    const views = this.#page.getByRole('tablist', { name: 'Views of the run' }).getByRole('tab');
    await expect(views.first()).toBeVisible();
    for (const view of await views.allTextContents()) {
      await this.show(view);
      if (view === 'Recommendations') {
        const recommendations = new RecommendationsPage(this.#page);
        await recommendations.users.nth(2).click();
        // Until it is there, the list of the user before fades.
        await recommendations.settled();
        await expect(this.#page.getByRole('main')).toContainText('Held out for the test');
      }
      await this.#page.waitForLoadState('networkidle');
      await look(`run-${view.toLowerCase()}`);
    }
  }

  /** The chart of a measure, such as "Loss". */
  chart(title: string): Locator {
    return this.#page.getByRole('img', { name: new RegExp(`^${title}: `) });
  }

  /** Waits until another picture is drawn than the one there is before `cause`. */
  async watchMove(chart: Locator, cause?: () => void): Promise<void> {
    const picture = () => chart.evaluate((figure) => figure.outerHTML);
    await expect(chart).toBeVisible();
    const before = await picture();
    cause?.();
    await expect.poll(async () => (await picture()) !== before).toBe(true);
  }

  /** Such as "Resume" or "Cancel"; its name goes on with the run's. */
  button(name: string): Locator {
    return this.#page.getByRole('main').getByRole('button', { name: new RegExp(`^${name}\\b`) });
  }
}
