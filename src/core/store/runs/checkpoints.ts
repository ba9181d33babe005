import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { CheckpointInfo } from '../../training/events.ts';
import { SOURCE_KEYS } from '../../training/sources.ts';
import { StoreTables } from '../db/store-tables.ts';
import { pathOf, storedPath } from '../home/home-paths.ts';

const checkpointRow = z.object({
  path: z.string(),
  epoch: z.number(),
  step: z.number(),
  kind: z.enum(['last', 'best']),
});

const reachedRow = z.object({ run: z.string(), path: z.string(), epoch: z.number(), step: z.number() });

/** How far a checkpoint is. */
export type Reached = Pick<CheckpointInfo, 'epoch' | 'step'>;

/** Which checkpoints the trainer reported as complete; it removes old ones as it goes on. */
export class Checkpoints extends StoreTables {
  /** Adds a checkpoint, or replaces what was known of the same file. */
  add(run: string, checkpoint: CheckpointInfo): void {
    const { path, epoch, step, kind } = checkpoint;
    this.connection.transaction(() => {
      this.connection.run('DELETE FROM checkpoints WHERE run = ? AND path = ?', run, path);
      const stored = {
        run,
        path: storedPath(this.connection.home, path),
        epoch,
        step,
        kind,
        created_at: Date.now(),
      };
      this.connection.replace('checkpoints', stored);
    });
  }

  /** Those whose file is still there, newest first. */
  list(run: string): CheckpointInfo[] {
    return this.recorded(run).filter(({ path }) => existsSync(path));
  }

  /** How far the newest checkpoint of each of these runs is whose file is there; runs without one are left out. */
  reached(runs: readonly string[]): Record<string, Reached> {
    const sql = `SELECT run, path, epoch, step FROM checkpoints
      WHERE run IN (SELECT value FROM json_each(?)) ORDER BY step DESC, id DESC`;
    const reached: Record<string, Reached> = {};
    for (const { run, path, epoch, step } of this.connection.rows(reachedRow, sql, JSON.stringify(runs))) {
      if (!(run in reached) && existsSync(pathOf(this.connection.home, path))) reached[run] = { epoch, step };
    }
    return reached;
  }

  /** All that were reported, newest first. */
  recorded(run: string): CheckpointInfo[] {
    return this.connection
      .rows(checkpointRow, 'SELECT * FROM checkpoints WHERE run = ? ORDER BY step DESC, id DESC', run)
      .map((checkpoint) => ({ ...checkpoint, path: pathOf(this.connection.home, checkpoint.path) }));
  }

  /** Ids of the runs that another run names in its config or measures a checkpoint of, whether that lies in the trash or not. */
  runsNeeded(): Set<string> {
    const named = SOURCE_KEYS.map((key) => `SELECT json_extract(config, '$.${key}') AS id FROM runs`);
    const sql = [...named, 'SELECT evaluated_run AS id FROM runs'].join(' UNION ');
    const found = this.connection.rows(z.object({ id: z.unknown() }), sql);
    return new Set(found.flatMap(({ id }) => (typeof id === 'string' && id !== '' ? id : [])));
  }
}
