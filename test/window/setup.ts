/** Before each file of tests of the window: what stands in for the process behind it. */
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { ask } from './answers.ts';

vi.mock('../../src/renderer/state/connection.ts', async () => {
  const { create } = await import('zustand');
  return { useConnection: create(() => ({ state: 'open' })), currentLink: async () => ({ call: ask }) };
});

// What it lacks of a browser.
Object.defineProperty(document, 'fonts', { value: new EventTarget() });

afterEach(cleanup);
