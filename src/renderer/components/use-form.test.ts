import { expect, test } from 'vitest';
import { z } from 'zod';
import { projectFields } from '../../core/api/projects.ts';
import { jobFields } from '../../core/training/job-options.ts';
import { formProblems } from './use-form.ts';

test('what is wrong stands beside its field, in the words of the schema', () => {
  expect(formProblems(projectFields, { name: 'Films', description: '' })).toEqual({});
  expect(formProblems(projectFields, { name: ' ', description: '' })).toEqual({ name: 'Enter a name' });
  expect(formProblems(projectFields, { name: 'a\nb' })).toEqual({
    name: 'Use one line, without control characters',
  });
  expect(formProblems(projectFields, { name: 'x'.repeat(201), description: 'x'.repeat(10_001) })).toEqual({
    name: 'At most 200 characters',
    description: 'At most 10,000 characters',
  });
  // What begins as a sentence of its own, and what goes on one that a form begins.
  const { time } = jobFields;
  expect(formProblems(z.object({ time, count: z.number() }), { time: 'soon', count: '3' })).toEqual({
    time: 'a time such as 4:00:00 or 1-12:00:00',
    count: expect.stringMatching(/^Must be a number/),
  });
});
