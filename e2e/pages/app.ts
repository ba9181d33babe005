import { expect, type Locator, type Page } from '@playwright/test';
import type { Shell } from '../fixtures/shell.ts';
import { CodebooksPage } from './codebooks.ts';
import { ComparePage } from './compare.ts';
import { ImportPage } from './import.ts';
import { NewRunPage } from './new-run.ts';
import { RecommendationsPage } from './recommendations.ts';
import { RunPage } from './run.ts';
import { RunsPage } from './runs.ts';

/** Playwright's trace looks with a script into frames, and into the preview of a report, which allows none. */
const TRACING = /^Blocked script execution in 'about:srcdoc'/;

/** The window as a whole. */
export class App {
  readonly shell: Shell;
  readonly page: Page;
  readonly runs: RunsPage;
  readonly run: RunPage;
  readonly recommendations: RecommendationsPage;
  readonly import: ImportPage;
  readonly compare: ComparePage;
  readonly codebooks: CodebooksPage;
  readonly newRun: NewRunPage;
  /** Errors of the page and in its console since the session began. */
  readonly problems: string[] = [];

  constructor(shell: Shell) {
    this.shell = shell;
    this.page = shell.page;
    this.runs = new RunsPage(shell.page);
    this.run = new RunPage(shell.page);
    this.recommendations = new RecommendationsPage(shell.page);
    this.import = new ImportPage(shell.page);
    this.compare = new ComparePage(shell.page);
    this.codebooks = new CodebooksPage(shell.page);
    this.newRun = new NewRunPage(shell.page);
    this.page.on('pageerror', (error) => this.problems.push(error.message));
    this.page.on('console', (message) => {
      if (message.type() === 'error' && !TRACING.test(message.text())) this.problems.push(message.text());
    });
  }

  /** Opens the window, on another screen than the one it begins with. */
  async open(screen = 'runs'): Promise<void> {
    await this.shell.open();
    await this.sidebar.waitFor();
    await this.page.evaluate((id) => {
      location.hash = `#/${id}`;
    }, screen);
  }

  get sidebar(): Locator {
    return this.page.getByRole('navigation', { name: 'Screens' });
  }

  get messages(): Locator {
    return this.page.getByRole('list', { name: 'Messages' });
  }

  /** Takes back what the message with these words reports; others may stand beside it. */
  undo(words: string): Locator {
    const message = this.messages.getByRole('listitem').filter({ hasText: words });
    return message.getByRole('button', { name: 'Undo' });
  }

  /** Chooses a command in the palette. */
  async command(text: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+k');
    await this.page.getByRole('combobox', { name: 'Command' }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Drops files and folders on the window, as trusted events and as the system gives them. */
  async drop(...paths: string[]): Promise<void> {
    await this.sidebar.waitFor();
    const session = await this.page.context().newCDPSession(this.page);
    const place = { x: 600, y: 400, data: { items: [], files: paths, dragOperationsMask: 1 } };
    const dispatch = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      session.send('Input.dispatchDragEvent', { type, ...place });
    const heard = this.page.evaluate(
      () => new Promise<true>((resolve) => addEventListener('drop', () => resolve(true), { once: true })),
    );
    // A page that is not yet listening, or has not yet said that it takes files at this place, loses a drop: the
    // system would tell of a drag again and again, so this does, until the page has heard of the drop.
    await expect(async () => {
      await dispatch('dragEnter');
      await dispatch('dragOver');
      await expect(this.page.getByText('Drop files or folders to import them')).toBeVisible({ timeout: 300 });
      await dispatch('dragOver');
      await dispatch('drop');
      const missed = new Promise<false>((resolve) => setTimeout(resolve, 1000, false));
      expect(await Promise.race([heard, missed])).toBe(true);
    }).toPass({ intervals: [100] });
    await session.detach();
  }
}
