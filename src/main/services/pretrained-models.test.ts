import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryStore } from '../../../test/store/home.ts';
import { placedCard } from './analysis/model-cards.ts';
import {
  keepModel,
  keptModels,
  modelAt,
  modelsFolder,
  removeModel,
  uploadsFolder,
} from './pretrained-models.ts';

const FILES = join(import.meta.dirname, '../../../test/language');
const GGUF = join(FILES, 'gguf/llama.gguf');
const FOLDER = join(FILES, 'checkpoints/mixtral');

function dropped(home: string, source: string): string {
  const drop = join(uploadsFolder(home), 'a-drop');
  mkdirSync(drop, { recursive: true });
  const path = join(drop, basename(source));
  cpSync(source, path, { recursive: true });
  return path;
}

it('what was dropped is kept under a free name, found again, and removed with all of its files', async () => {
  const store = temporaryStore();
  const { home } = store;
  const path = dropped(home, FOLDER);
  expect(placedCard(store, { path })).toMatchObject({ name: 'mixtral', place: 'dropped' });
  const kept = await keepModel(home, path);
  expect(kept.path).toBe(join(modelsFolder(home), 'mixtral'));
  expect(existsSync(path)).toBe(false);
  expect(placedCard(store, kept)).toMatchObject({ place: 'kept', sizes: { experts: { used: 2 } } });
  const again = await keepModel(home, dropped(home, FOLDER));
  for (let twice = 0; twice < 2; twice++) await keepModel(home, dropped(home, GGUF));
  const models = await keptModels(home);
  expect(models.map(({ name }) => name)).toEqual(['llama-2.gguf', 'llama.gguf', 'mixtral', 'mixtral-2']);
  expect(models.every(({ bytes }) => bytes > 1000)).toBe(true);
  await removeModel(home, basename(again.path));
  expect(readdirSync(modelsFolder(home)).sort()).toEqual(['llama-2.gguf', 'llama.gguf', 'mixtral']);
});

it('the files of a user stay where they are, and nothing else is taken for a model or removed', async () => {
  const store = temporaryStore();
  const { home } = store;
  expect(await keepModel(home, GGUF)).toEqual({ path: GGUF });
  expect(placedCard(store, { path: GGUF }).place).toBe('own');
  expect(await keptModels(home)).toEqual([]);
  const csv = dropped(home, join(FILES, 'write_gguf.py'));
  for (const path of [csv, home, join(home, 'none.gguf')]) expect(await modelAt(path)).toBeNull();
  await expect(keepModel(home, csv)).rejects.toThrow('is no GGUF file and no folder');
  mkdirSync(modelsFolder(home));
  writeFileSync(join(home, 'other.gguf'), '');
  for (const name of ['..', '.', '../other.gguf', 'none'])
    await expect(removeModel(home, name)).rejects.toThrow('is kept here');
  expect(existsSync(join(home, 'other.gguf'))).toBe(true);
});
