import { expect, type Locator, type Page } from '@playwright/test';

/** The Semantic IDs of a catalogue. */
export class CodebooksPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async show(view: string): Promise<void> {
    await this.#page.getByRole('tab', { name: view, exact: true }).click();
  }

  /** Shows a view that stands behind "…". */
  async showFurther(view: string): Promise<void> {
    await this.more(view);
    await expect(this.#page.getByRole('tab', { name: view, exact: true })).toBeVisible();
  }

  async more(choice: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'More about codebooks' }).click();
    await this.#page.getByRole('menuitem', { name: choice, exact: true }).click();
  }

  /** Shows every view but the first two, and looks at each, called such as "codebooks-pairs", once all of it is there. */
  async eachView(look: (name: string) => Promise<void>): Promise<void> {
    for (const [view, shown] of [
      ['Collisions', this.#page.getByRole('grid', { name: 'Collisions' })],
      ['Training', this.#page.getByRole('table', { name: 'Snapshots' })],
      ['Measures', this.#page.getByRole('heading', { name: /ID quality/ })],
      ['Two tokenisers', this.#page.getByRole('listbox', { name: /^First codes of/ }).last()],
      ['Beam', this.#page.getByRole('listbox', { name: /^Codes of each level for user/ })],
      ['Pairs', this.#page.getByRole('listbox', { name: 'Transitions' })],
    ] as const) {
      if (view === 'Pairs') await this.showFurther(view);
      else await this.show(view);
      await expect(shown).toBeVisible();
      await look(`codebooks-${view.toLowerCase().replace(' ', '-')}`);
    }
  }

  /** The blocks of the codes that follow a prefix. */
  codes(level: number): Locator {
    return this.#page.getByRole('listbox', { name: `Codes of level ${level}`, exact: true });
  }

  /** What the code in focus means. */
  get code(): Locator {
    return this.#page.getByRole('region', { name: /^Code \d/ });
  }

  get tree(): Locator {
    return this.#page.getByRole('listbox', { name: /^Prefixes below/ });
  }

  get selection(): Locator {
    return this.#page.getByRole('navigation', { name: 'Selection' });
  }

  /** How many items are selected. */
  async selected(): Promise<number> {
    const text = await this.selection.getByRole('status').textContent();
    return Number(/^([\d,]+) item/.exec(text ?? '')?.[1].replaceAll(',', ''));
  }

  get items(): Locator {
    return this.#page.getByRole('grid', { name: 'Items', exact: true });
  }

  get card(): Locator {
    return this.#page.getByRole('region', { name: 'Item', exact: true });
  }

  async search(text: string): Promise<void> {
    await this.#page.getByRole('searchbox', { name: 'Search items by title' }).fill(text);
  }

  /** What a panel's "Copy as" puts on the clipboard. */
  copied(panel: string, format: string): Promise<string> {
    return this.clipboardOf(async () => {
      await this.#page.getByRole('button', { name: `Copy ${panel}`, exact: true }).click();
      await this.#page.getByRole('menuitem', { name: `Copy as ${format}` }).click();
    });
  }

  /** What is copied next. */
  async clipboardOf(copy: () => Promise<void>): Promise<string> {
    const text = this.#page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          navigator.clipboard.writeText = async (written) => resolve(written);
        }),
    );
    await copy();
    return text;
  }

  async saveChart(title: string, kind: 'SVG' | 'PNG'): Promise<void> {
    await this.#page.getByRole('button', { name: `Save chart ${title}` }).click();
    await this.#page.getByRole('menuitem', { name: `Save as ${kind}` }).click();
  }
}
