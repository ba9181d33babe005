import type { Locator, Page } from '@playwright/test';
import { choose } from './select.ts';

const VIEWS = [
  'Metrics',
  'Differences',
  'Configs',
  'Curves',
  'Slices',
  'Scatter',
  'Parallel coordinates',
  'Published',
];

/** The comparison, and the dialog that writes it as a report. */
export class ComparePage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get table(): Locator {
    return this.#page.getByRole('grid', { name: 'Comparison' });
  }

  /** Rows whose cells contain the text. */
  row(text: string): Locator {
    return this.table.locator('tr[aria-selected]').filter({ hasText: text });
  }

  get verdict(): Locator {
    return this.#page.getByRole('region', { name: 'Verdict' });
  }

  async show(view: string): Promise<void> {
    await this.#page.getByRole('tab', { name: view, exact: true }).click();
  }

  /** Shows every view of ranked runs, and looks at each: "compare", then such as "compare-slices". */
  async eachView(look: (name: string) => Promise<void>): Promise<void> {
    for (const view of VIEWS) {
      await this.show(view);
      await this.#page.waitForLoadState('networkidle');
      await look(view === 'Metrics' ? 'compare' : `compare-${view.toLowerCase().replace(' ', '-')}`);
    }
  }

  /** What a reader must know before reading the numbers. */
  get warnings(): Locator {
    return this.#page.getByRole('region', { name: 'Warnings' });
  }

  /** Chooses runs by what their rows contain, in the dialog. */
  async chooseRuns(...texts: string[]): Promise<void> {
    await this.#page.getByRole('button', { name: 'Choose runs' }).first().click();
    const dialog = this.#page.getByRole('dialog', { name: 'Choose runs to compare' });
    for (const text of texts) {
      await dialog.getByLabel('Search runs to compare').fill(text);
      await dialog
        .getByRole('row')
        .filter({ has: this.#page.getByTitle(text) })
        .first()
        .click();
    }
    await dialog.getByRole('button', { name: 'Compare' }).click();
    // A process of its own starts for it, which takes long where others train.
    await this.table.waitFor();
  }

  /** The menu of the saved comparisons, open. */
  async openSaved(): Promise<Locator> {
    await this.#page.getByRole('button', { name: 'Saved comparisons' }).click();
    return this.#page.getByRole('menu');
  }

  /** The dialog that gives the comparison a name, filled in. */
  async name(name: string, conclusion = ''): Promise<Locator> {
    await (await this.openSaved()).getByRole('menuitem', { name: /^(Save this|Edit name)/ }).click();
    const dialog = this.#page.getByRole('dialog', { name: 'Save comparison' });
    await dialog.getByLabel('Conclusion').fill(conclusion);
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    return dialog;
  }

  async pin(text: string): Promise<void> {
    await this.row(text).click();
    await this.#page.getByRole('button', { name: 'Pin as baseline' }).click();
  }

  /** What "Copy as" of the open view puts on the clipboard. */
  async copied(format: string): Promise<string> {
    const text = this.#page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          navigator.clipboard.writeText = async (written) => resolve(written);
        }),
    );
    await this.#page.getByRole('button', { name: /^Copy/ }).first().click();
    await this.#page.getByRole('menuitem', { name: `Copy as ${format}` }).click();
    return text;
  }

  /** Moves the pointer to the mark that has a title. */
  async pointAt(title: Locator): Promise<void> {
    const box = await title.locator('..').boundingBox();
    if (!box) throw new Error('the mark is not drawn');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await this.#page.mouse.move(x, y - 1);
    await this.#page.mouse.move(x, y);
  }

  /** Saves the first chart of the open view. */
  async saveChart(kind: 'SVG' | 'PNG'): Promise<void> {
    await this.#page
      .getByRole('button', { name: /^Save chart/ })
      .first()
      .click();
    await this.#page.getByRole('menuitem', { name: `Save as ${kind}` }).click();
  }

  get report(): Locator {
    return this.#page.getByRole('dialog', { name: 'Report' });
  }

  async openReport(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Report', exact: true }).click();
  }

  /** Chooses a format by its label, and waits for the report to be written in it. */
  async choose(format: string, ending: string): Promise<void> {
    await choose(this.report.getByLabel('Format'), format);
    await this.report.getByText(`.${ending}, `).waitFor();
  }

  /** Clicks what gives the file of the chosen format. */
  async save(): Promise<void> {
    await this.report.getByRole('button', { name: /^(Save|Print)/ }).click();
  }

  /** What the browser's print is asked to print; its dialog cannot be driven. */
  async printed(): Promise<string> {
    const preview = this.report.getByTitle('Preview of the report');
    const asked = preview.evaluate(
      (frame: HTMLIFrameElement) =>
        new Promise<string>((resolve) => {
          const { contentWindow: inside } = frame;
          if (inside) inside.print = () => resolve(inside.document.body.textContent ?? '');
        }),
    );
    await this.save();
    return asked;
  }

  async closeReport(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.report.waitFor({ state: 'detached' });
  }
}
