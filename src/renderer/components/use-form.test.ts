import { expect, test } from 'vitest';
import { projectFields } from '../../core/api/projects.ts';
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
});
