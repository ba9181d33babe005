/** The connection to the process behind the window, opened again whenever it is lost. */
import type { ClientContext, ClientLink } from '@orpc/client';
import { create } from 'zustand';
import { shell } from '../shell/window-shell.ts';

type Link = ClientLink<ClientContext>;

export const useConnection = create<{ state: 'connecting' | 'open' | 'lost' | 'refused' }>(() => ({
  state: 'connecting',
}));

const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 5_000;

let link: Promise<Link> = waitForOpen();

/** The link of the open connection; waits for it. */
export function currentLink(): Promise<Link> {
  return link;
}

function waitForOpen(): Promise<Link> {
  return open(FIRST_WAIT_MS);
}

async function open(wait: number): Promise<Link> {
  try {
    const connection = await shell.connect();
    useConnection.setState({ state: 'open' });
    void connection.closed.then(() => {
      useConnection.setState({ state: 'lost' });
      link = waitForOpen();
    });
    return connection.link;
  } catch {
    // Only a new link leads to another session.
    if (await shell.isRefused?.()) {
      useConnection.setState({ state: 'refused' });
      return new Promise(() => {});
    }
    useConnection.setState({ state: 'lost' });
    await new Promise((resolve) => setTimeout(resolve, wait));
    return open(Math.min(2 * wait, MAX_WAIT_MS));
  }
}
