import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { datasetSummary } from '../../../../test/store/records.ts';
import { mount } from '../../../../test/window/mount.tsx';
import { type PlacedCard, templateSchema } from '../../../core/api/language.ts';
import { Confirm } from '../../components/Confirm.tsx';
import { useNewRun } from '../../new-run/new-run.ts';
import { replaceQuery, useRoute } from '../../state/navigation.ts';
import { ModelPage } from './ModelPage.tsx';
import { statementOf, usesOf } from './model-uses.ts';

const sizes = {
  vocabulary: 500,
  dim: 64,
  blocks: 3,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  ffnDim: 128,
  context: 256,
};
const card: PlacedCard = {
  ...{ name: 'tiny', path: '/uploads/a/tiny.gguf', stated: 'Tiny 4M', architecture: 'Llama', sizes },
  parameters: 4e6,
  ...{ areas: { words: 1e6, attention: 1e6, 'feed-forward': 2e6, other: 0 }, place: 'dropped' },
  ...{ types: [{ name: 'Q4_1', parameters: 4e6 }], tokenizer: { tokens: 500, chat: true } },
  ...{ memory: { scoring: 2e9, adapters: 5e9, adaptersOfAll: 6e9 }, memoryBytes: 8e9 },
};

const wording = ['Do they like it?'];
const template = {
  ...{ name: 'mine', instruction: 'Answer.', heading: 'Past', interaction: '{item.title}' },
  ...{ choice: '{letter}', card: '{item.title}', answers: { yes: 'yes', no: 'no' } },
  questions: { like: wording, rating: wording, genre: wording, pick: wording },
};
const question = {
  ...{ user: '7', tokens: 187, context: 512, shown: 4, dropped: 0, tokenizer: "the model's own tokenizer" },
  ...{ template: templateSchema.parse(template), ready: [], fields: [] },
  parts: [
    {
      ...{ kind: 'turn', tokens: 3 },
      pieces: [{ text: '<|im_start|>user', field: null, tokens: 3, cut: false }],
    },
  ],
};

test('what was dropped is kept once a run begins from it, which then names the kept one', async () => {
  const keepModel = vi.fn(() => ({ path: '/models/tiny.gguf' }));
  mount(<ModelPage path={card.path} />, {
    language: {
      card: () => card,
      models: () => [],
      runsOfModel: () => [],
      preview: () => question,
      keepModel,
    },
    datasets: { list: () => [datasetSummary('club')], users: () => [] },
  });
  // As it reads it, turns of its chat template and all.
  expect(await screen.findByText('<|im_start|>user')).toBeTruthy();
  expect(screen.getByText('3 tokens')).toBeTruthy();
  expect(await screen.findByText('Llama that fits')).toBeTruthy();
  expect(screen.getByText(/not saved yet/)).toBeTruthy();
  // A double click asks once.
  for (let click = 0; click < 2; click++) fireEvent.click(screen.getByRole('button', { name: 'Fine-tune' }));
  await vi.waitFor(() =>
    expect(useNewRun.getState().template).toMatchObject({
      model: 'brew',
      overrides: { weights: '/models/tiny.gguf', loraRank: 8, recomputeBlocks: true },
    }),
  );
  expect(keepModel).toHaveBeenCalledExactlyOnceWith({ path: card.path });
  expect(useRoute.getState().path).toEqual(['model', '/models/tiny.gguf']);
});

test('it is asked about the member who is shown, and answers of others stay theirs', async () => {
  const answerPart = {
    ...{ kind: 'answer', tokens: 1 },
    pieces: [{ text: 'yes', field: 'answer', tokens: 1, cut: false }],
  };
  const ask = vi.fn(() => ({ yes: 0.614, no: 0.336, others: [{ text: ' Maybe', probability: 0.021 }] }));
  const preview = vi.fn(({ user }: { user: string }) => ({
    ...question,
    ...{ user: user || '7', parts: [...question.parts, answerPart] },
  }));
  mount(<ModelPage path={card.path} />, {
    language: { card: () => card, models: () => [], runsOfModel: () => [], preview, ask },
    datasets: {
      list: () => [datasetSummary('club')],
      users: () => [{ id: '9', interactions: 5, ranks: [] }],
    },
  });
  // Neither its words nor their count hold the answer.
  expect(await screen.findByText('3 tokens')).toBeTruthy();
  expect(ask).not.toHaveBeenCalled();
  const asking = await screen.findByRole('button', { name: 'Ask it' });
  await vi.waitFor(() => expect((asking as HTMLButtonElement).disabled).toBe(false));
  fireEvent.click(asking);
  const said = await screen.findByRole('list', { name: 'Its answer' });
  const lines = within(said).getAllByRole('listitem');
  expect(lines.map(({ textContent }) => textContent)).toEqual(['yes0.61', 'no0.34', 'anything else0.05']);
  expect(
    screen.getByText(
      'The member said “yes”. Between the two alone, “yes” has 0.65. Likeliest else: “Maybe” 0.02.',
    ),
  ).toBeTruthy();
  expect(ask).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ weights: card.path }));
  replaceQuery({ user: '9' });
  expect(await screen.findByText(/Not asked yet/)).toBeTruthy();
  expect(screen.queryByRole('list', { name: 'Its answer' })).toBeNull();
  replaceQuery({});
  expect(await screen.findByRole('list', { name: 'Its answer' })).toBeTruthy();
  expect(ask).toHaveBeenCalledTimes(1);
});

test('a member is one of the data set that they were chosen in', async () => {
  const preview = vi.fn(() => question);
  const asked = () =>
    (preview.mock.calls as unknown as [{ dataset: string; user: string }][]).map(([one]) => one);
  const club = datasetSummary('club');
  replaceQuery({ data: 'deleted meanwhile', user: '9' });
  mount(<ModelPage path={card.path} />, {
    language: { card: () => card, models: () => [], runsOfModel: () => [], preview },
    datasets: { list: () => [club], users: () => [] },
  });
  await vi.waitFor(() => expect(preview).toHaveBeenCalled());
  expect(asked().map(({ dataset, user }) => [dataset, user])).toEqual([[club.id, '']]);
});

test('a model that is not computed exactly says why, and no run begins from it', async () => {
  const refuse = () => {
    throw new Error('tensor blk.0.ssm_a is not read: another architecture');
  };
  mount(<ModelPage path="/uploads/a/mamba.gguf" />, { language: { card: refuse, models: () => [] } });
  expect(await screen.findByText(/ssm_a/)).toBeTruthy();
  expect((screen.getByRole('button', { name: 'New language run' }) as HTMLButtonElement).disabled).toBe(true);
});

test('a model that is kept and cannot be read any more is removed once that was meant', async () => {
  const removeModel = vi.fn();
  const path = '/models/tiny.gguf';
  const refuse = () => {
    throw new Error('the file is cut short');
  };
  const models = () => [{ name: 'tiny.gguf', path, bytes: 1 }];
  const page = (
    <>
      <ModelPage path={path} />
      <Confirm />
    </>
  );
  mount(page, { language: { card: refuse, models, removeModel } });
  await screen.findByText(/cut short/);
  fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
  const question = await screen.findByRole('dialog', { name: 'Remove tiny.gguf?' });
  expect(removeModel).not.toHaveBeenCalled();
  fireEvent.click(within(question).getByRole('button', { name: 'Remove' }));
  await vi.waitFor(() => expect(removeModel).toHaveBeenCalledWith({ name: 'tiny.gguf' }));
});

test('what does not fit stays in sight with the reason', () => {
  const small = { ...card, memoryBytes: 3e9 };
  expect(usesOf(small).map(({ problem }) => problem)).toEqual([
    ...[null, 'does not fit in memory', null],
    'needs a run with IDs',
  ]);
  const withIds = {
    ...{ id: 'r', name: 'r', model: 'lc-rec', title: '', status: 'completed' as const, seconds: 1 },
    ...{ dataset: 'club', createdAt: 1, result: null },
  };
  expect(usesOf(small, [withIds]).at(-1)).toMatchObject({ problem: null, overrides: { policy: 'r' } });
  expect(usesOf({ ...card, memoryBytes: 1e9 }, [withIds]).map(({ problem }) => problem)).toEqual(
    Array.from({ length: 4 }, () => 'does not fit in memory'),
  );
  expect(statementOf(small).limit).toBe(
    ': scores in 2.0 GB; fine-tuning takes 5.0 GB, more than the 3.0 GB here',
  );
  expect(statementOf({ ...card, memoryBytes: 1e9 }).fact).toBe('Llama that does not fit');
  const broken = { ...card, tokenizer: { problem: 'no tokenizer' } };
  expect(statementOf(broken).fact).toBe('Llama without its tokenizer');
});
