import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { SchemaForm } from './SchemaForm.tsx';
import { schemaFields } from './schema.ts';

const fields = schemaFields({
  properties: {
    file: { type: 'string', default: '', description: 'File' },
    dim: { type: 'integer', minimum: 1, default: 8, description: 'Width' },
  },
});

function Form() {
  const [{ values, wrong, texts }, setState] = useState({
    values: {} as Record<string, unknown>,
    wrong: 0,
    texts: {} as Record<string, string>,
  });
  return (
    <>
      <SchemaForm
        fields={fields}
        values={values}
        texts={texts}
        onChange={(next, problems, typed) => setState({ values: next, wrong: problems, texts: typed })}
      />
      <button
        type="button"
        onClick={() => setState({ values: { ...values, file: '/b', dim: 16 }, wrong, texts })}
      >
        Choose
      </button>
      <output>{JSON.stringify([values, wrong])}</output>
    </>
  );
}

const field = (name: string) =>
  screen.getByRole<HTMLInputElement>('textbox', { name: new RegExp(`^${name}`, 'i') });
const type = (name: string, text: string) => fireEvent.change(field(name), { target: { value: text } });
const known = () => JSON.parse(screen.getByRole('status').textContent ?? '');

test('a field shows the value that counts, also where a button sets another one than was typed', () => {
  render(<Form />);
  type('file', '/a');
  type('dim', 'many');
  expect(known()).toEqual([{ file: '/a' }, 1]);
  fireEvent.click(screen.getByRole('button', { name: 'Choose' }));
  expect([field('file').value, field('dim').value]).toEqual(['/b', '16']);
  expect(known()).toEqual([{ file: '/b', dim: 16 }, 0]);
});

test('what is typed stays as it is typed', () => {
  render(<Form />);
  type('dim', '08');
  expect(field('dim').value).toBe('08');
  expect(known()).toEqual([{ dim: 8 }, 0]);
});
