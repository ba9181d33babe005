/** Entry of the analyst process: previews, counts, comparisons, reports, recommendations. */
import { createRouterClient } from '@orpc/server';
import type { AnalystCall, AnalystContext } from '../../core/api/analyst.ts';
import { logOften } from '../../core/files/program-log.ts';
import { readingOnly } from '../../core/files/readable.ts';
import { loadAgreed } from '../plugins/load-agreed.ts';
import { isIterator } from '../workers/progress.ts';
import { serveCalls } from '../workers/serve-calls.ts';
import { router } from './router.ts';

const client = createRouterClient(router, { context: (context: AnalystContext) => context });

type Procedure = (
  input: unknown,
  options: { signal: AbortSignal; context: AnalystContext },
) => Promise<unknown>;

function procedureAt(path: readonly string[]): Procedure {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], client) as Procedure;
}

serveCalls<AnalystCall, object>(({ path, input, context }, { signal, onProgress }) =>
  readingOnly(context.readable, async () => {
    await loadAgreed(context.home, (line) => logOften('plug-in', line));
    const output = await procedureAt(path)(input, { signal, context });
    if (!isIterator(output)) return output;
    for (;;) {
      const { done, value } = await output.next();
      if (done) return value;
      await onProgress(value);
    }
  }),
);
