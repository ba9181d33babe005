/** Before each file of tests of the window: what stands in for the process behind it. */
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { ask } from './answers.ts';

vi.mock('../../src/renderer/state/connection.ts', async () => {
  const { create } = await import('zustand');
  return { useConnection: create(() => ({ state: 'open' })), currentLink: async () => ({ call: ask }) };
});

// A machine may be slow: only what never comes should fail.
configure({ asyncUtilTimeout: 60_000 });

// What it lacks of a browser.
Object.defineProperty(document, 'fonts', { value: new EventTarget() });

afterEach(cleanup);
