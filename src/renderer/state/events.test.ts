import { afterAll, expect, test, vi } from 'vitest';
import type { TrainingProgress } from '../../core/api/runs.ts';

vi.stubGlobal('window', { addEventListener: () => {} });
vi.stubGlobal('location', { hash: '' });
vi.mock('./connection.ts', () => ({ currentLink: () => new Promise(() => {}) }));

afterAll(() => {
  vi.unstubAllGlobals();
});

const { handleEvent, useLive } = await import('./events.ts');

test('a run that has begun or ended forgets how far its last attempt was', () => {
  const progress = { epoch: 3 } as unknown as TrainingProgress;
  handleEvent({ type: 'progress', run: 'a', progress });
  handleEvent({ type: 'progress', run: 'b', progress });
  handleEvent({ type: 'progress', run: 'a', progress: null });
  expect(useLive.getState().progress).toMatchObject({ b: progress });
  expect(useLive.getState().progress).not.toHaveProperty('a');
});

test('a run that is renamed or writes a checkpoint still tells how far it is', () => {
  const progress = { epoch: 3 } as unknown as TrainingProgress;
  useLive.setState({ progress: {} });
  handleEvent({ type: 'progress', run: 'a', progress });
  handleEvent({ type: 'run', run: 'a' });
  handleEvent({ type: 'runs' });
  expect(useLive.getState().progress).toMatchObject({ a: progress });
});
