import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { typedFields } from './typed-fields.ts';
import { FORMS, LEFT_OUT } from './typed-forms.ts';

test('every field of the window is typed into, or it is said why not', () => {
  const known = [...Object.values(FORMS).flat(), ...Object.keys(LEFT_OUT)];
  expect(typedFields(join(import.meta.dirname, '../..')).toSorted()).toEqual(known.toSorted());
});

test('a field is found whatever it is made of, and what is chosen or is the kit itself is none', () => {
  const project = mkdtempSync(join(tmpdir(), 'tessera-fields-'));
  mkdirSync(join(project, 'src/renderer'), { recursive: true });
  writeFileSync(
    join(project, 'src/renderer/Form.tsx'),
    `function TextField(props) { return <input {...props} />; }
export const Form = () => (
  <>
    <TextField label="Name" />
    <label><input type="checkbox" aria-label="Kept" /> <input type="date" aria-label="Day" /></label>
    {all.map(({ key }) => <textarea key={key} aria-label={key} />)}
    <p contentEditable aria-label="Note" />
    <input placeholder="Bare" />
    <SchemaForm fields={fields} />
    <SelectField label="Format" />
    <TextField label={isNew ? 'New' : 'Old'} />
  </>
);
`,
  );
  const labels = ['Name', 'Day', '{key}', 'Note', '<input>', '<SchemaForm>', '{…}'];
  expect(typedFields(project)).toEqual(labels.map((label) => `Form.tsx: ${label}`));
  rmSync(project, { recursive: true });
});
