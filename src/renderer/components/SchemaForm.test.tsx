import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { SchemaForm } from './SchemaForm.tsx';
import { meantNumber, schemaFields } from './schema.ts';

const fields = schemaFields({
  properties: {
    file: { type: 'string', default: '', description: 'File' },
    dim: { type: 'integer', minimum: 1, default: 8, description: 'Width' },
    rate: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.001, description: 'Step' },
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

test('a number that cannot be taken offers the one that was meant', () => {
  render(<Form />);
  type('rate', '3');
  expect(screen.getByRole('alert').textContent).toBe('Enter 1 or less. Did you mean 0.003?');
  fireEvent.click(screen.getByRole('button', { name: '0.003' }));
  expect([field('rate').value, known()]).toEqual(['0.003', [{ rate: 0.003 }, 0]]);
  const meant: [key: string, text: string, meant: string | null][] = [
    ['rate', '0,03', '0.03'],
    ['rate', 'fast', null],
    ['rate', '-1', null],
    ['rate', '1e400', null],
    ['dim', '1,024', '1024'],
    ['dim', '2.5', null],
    ['file', '3', null],
  ];
  for (const [key, text, expected] of meant) {
    const of = fields.find((one) => one.key === key) ?? fields[0];
    expect([text, meantNumber(of, text, Number(of.default))]).toEqual([text, expected]);
  }
});
