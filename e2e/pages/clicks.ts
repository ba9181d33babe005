import type { App } from './app.ts';

/** Counts what a user has to press, from the first button to what is promised. */
export class Clicks {
  count = 0;
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  async press(button: string | RegExp): Promise<void> {
    this.count++;
    await this.#app.page.getByRole('button', { name: button, exact: true }).first().click();
  }

  /** Presses a button, and chooses in the dialog of the system that opens: nothing to press that the window has. */
  async choose(button: string, path: string): Promise<void> {
    const opened = this.#app.page.waitForEvent('filechooser');
    await this.press(button);
    await (await opened).setFiles(path);
  }
}
