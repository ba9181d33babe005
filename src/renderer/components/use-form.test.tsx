import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { keepDraft } from '../state/drafts.ts';
import { useForm } from './use-form.ts';

const schema = z.object({ name: z.string().min(1), job: z.object({ time: z.string() }) });
const form = (key: string) =>
  renderHook(() => useForm(key, schema, { name: '', job: { time: '' } }, { usual: { name: 'usual' } }));

test('what was changed is there where the form is shown again, and nothing of it once it is forgotten', () => {
  const first = form('films');
  expect(first.result.current).toMatchObject({ typed: { name: 'usual' }, isKept: false });
  act(() => first.result.current.change({ name: '' }));
  first.unmount();
  const again = form('films').result;
  expect(again.current).toMatchObject({ typed: { name: '', job: { time: '' } }, isKept: true, values: null });
  expect(again.current.field('name').problem).not.toBeNull();
  expect(form('books').result.current.isKept).toBe(false);
  act(() => again.current.forget());
  expect(again.current).toMatchObject({ typed: { name: 'usual' }, isKept: false });
});

test('what an earlier version kept in another form is as if there were nothing', () => {
  for (const kept of [{ name: 7 }, { job: {} }, { job: null }, { job: 'soon' }]) {
    keepDraft('old', kept);
    expect(form('old').result.current).toMatchObject({ typed: { name: 'usual' }, isKept: false });
  }
  keepDraft('old', { job: { time: '1:00', more: 1 } });
  expect(form('old').result.current).toMatchObject({ typed: { job: { time: '1:00' } }, isKept: true });
});
