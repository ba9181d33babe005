import type { WebContents } from 'electron';
import type { MainChannels } from './channels.ts';

type Contents = Pick<WebContents, 'send'>;

/** Messages to the window's page. They wait while there is none, or while it is loading. */
export class PageMessages {
  #waiting: ((contents: Contents) => void)[] = [];
  #contents: Contents | null = null;

  send<K extends keyof MainChannels>(channel: K, ...values: Parameters<MainChannels[K]>): void {
    const send = (contents: Contents) => contents.send(channel, ...values);
    if (this.#contents) send(this.#contents);
    else this.#waiting.push(send);
  }

  /** The page listens. */
  connect(contents: Contents): void {
    this.#contents = contents;
    for (const send of this.#waiting.splice(0)) send(contents);
  }

  disconnect(): void {
    this.#contents = null;
  }
}
