import { act, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import type { Steps } from './steps.ts';
import { useProgressQuery } from './use-progress-query.ts';

interface Step {
  done: number;
}

const tell: Record<string, (step: { value: Step; done: false }) => void> = {};

/** Tells whatever the test says, also once nobody wants to hear it. */
const begin = (name: string) => async (_signal: AbortSignal) =>
  ({
    next: () =>
      new Promise((resolve) => {
        tell[name] = resolve;
      }),
  }) as unknown as Steps<Step, string>;

function Shown({ name }: { name: string }) {
  const { progress } = useProgressQuery<Step, string>(['work', name], begin(name), () => 'work');
  return <output>{`${name} ${progress?.done ?? 'nothing'}`}</output>;
}

test('what a request tells after another was made in its place is not told of that one', async () => {
  const { rerender } = mount(<Shown name="first" />);
  const say = async (name: string, done: number) => {
    await expect.poll(() => tell[name]).toBeTruthy();
    await act(async () => tell[name]({ value: { done }, done: false }));
  };
  const shown = () => screen.getByRole('status').textContent;
  await say('first', 1);
  expect(shown()).toBe('first 1');
  const late = tell.first;
  rerender(<Shown name="second" />);
  await say('second', 7);
  await act(async () => late({ value: { done: 2 }, done: false }));
  await act(async () => tell.first({ value: { done: 3 }, done: false }));
  expect(shown()).toBe('second 7');
});
