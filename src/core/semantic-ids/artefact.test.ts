import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  hasSemanticIds,
  readManifest,
  readSnapshot,
  readSpace,
  selectSnapshot,
  writeSnapshot,
  writeSpace,
} from './artefact.ts';
import { collisionTokens, type Snapshot } from './types.ts';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'tessera-ids-'));
});
afterEach(() => rmSync(run, { recursive: true }));

const codes = Int32Array.of(0, 1, 2, 0, 0, 1, -1, -1, 0, 1);

function snapshot(step: number): Snapshot {
  const tokens = collisionTokens(codes, 2);
  return {
    step,
    epoch: step / 10,
    ids: { levels: 2, codebookSizes: [3, 2], items: 5, codes, collisionTokens: tokens },
    codebooks: [Float32Array.of(1, 2, 3), Float32Array.of(4, 5)],
  };
}

describe('Semantic IDs of a run', () => {
  it('number the items that share their codes', () => {
    expect([...collisionTokens(codes, 2)]).toEqual([0, 0, 1, -1, 2]);
  });

  it('are read as they were written, the chosen snapshot first', () => {
    expect(hasSemanticIds(run)).toBe(false);
    for (const step of [10, 20, 30]) writeSnapshot(run, snapshot(step));
    expect(hasSemanticIds(run)).toBe(false);
    selectSnapshot(run, 20);
    expect(hasSemanticIds(run)).toBe(true);
    expect(readSnapshot(run)).toEqual(snapshot(20));
    expect(readSnapshot(run, 30)).toEqual(snapshot(30));
    expect(() => readSnapshot(run, 25)).toThrow('no Semantic IDs of step 25');
  });

  it('forget what an interrupted attempt left after the step it goes on from', () => {
    for (const step of [10, 20, 30]) writeSnapshot(run, snapshot(step));
    writeSnapshot(run, snapshot(20));
    expect(readManifest(run).snapshots.map(({ step }) => step)).toEqual([10, 20]);
  });

  it('lie beside the space they are of', () => {
    expect(readSpace(run)).toBeNull();
    const vectors = { items: 2, dim: 2, data: Float32Array.of(1, 2, 3, 4) };
    writeSpace(run, { vectors, latents: null });
    expect(readSpace(run)).toEqual({ vectors, latents: null });
  });

  it('are refused where the manifest is none', () => {
    writeSnapshot(run, snapshot(10));
    writeFileSync(join(run, 'semantic-ids', 'manifest.json'), '{"format":1');
    expect(() => readSnapshot(run)).toThrow('not a list of Semantic IDs');
  });
});
