import { fireEvent, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import type { PromptPreview, Template } from '../../../core/api/language.ts';
import { PromptsTab } from './PromptsTab.tsx';

const text = 'a text';
const template = {
  ...{ name: 'films', instruction: text, note: text, profile: text, heading: text, interaction: text },
  ...{ choice: text, card: text, genre: text, order: 'listed', values: {} },
  ...{ questions: { like: [text] }, answers: { yes: 'Yes', no: 'No' } },
} as unknown as Template;

test('what is edited stays where a user is typed whom nobody knows, and while its JSON becomes a template', async () => {
  mount(<PromptsTab />, {
    datasets: { list: () => [{ id: 'd', name: 'club' } as DatasetSummary] },
    settings: { readView: () => null },
    language: {
      preview: ({ user }) => {
        if (user !== '') throw new Error(`there is no user "${user}"`);
        return {
          ...{ template, user: '1', ready: ['films'], fields: [], parts: [] },
        } as unknown as PromptPreview;
      },
    },
  });
  fireEvent.click(await screen.findByText('Edit as JSON'));
  const [json] = await screen.findAllByLabelText('Template', { selector: 'textarea' });
  fireEvent.change(screen.getByLabelText('User'), { target: { value: 'nobody' } });
  expect(await screen.findByText(/no user "nobody"/)).toBeTruthy();
  expect(json.isConnected).toBe(true);
  const isOpen = () => json.closest('details')?.open;
  for (const typed of ['{', JSON.stringify({ ...template, note: '' })]) {
    fireEvent.change(json, { target: { value: typed } });
    expect([typed, isOpen()]).toEqual([typed, true]);
  }
});
