import type { SelectedView } from '../../../core/api/codebooks.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import type { Pattern } from './codebook-route.ts';
import { useWorkbench } from './workbench.ts';

const REST_MS = 90;

/** Categories and titles of a part of the catalogue, once the pointer rests on it. */
export function Peek({ pattern }: { pattern: Pattern }) {
  const { view } = useWorkbench();
  const input: SelectedView = { ...view, pattern };
  const request = useDebounced(input, REST_MS);
  const { data } = useKeptQuery(api.codebooks.peek.queryOptions({ input: request }));
  if (!data || data.items === 0) return null;
  return (
    <>
      {data.categories.length > 0 && (
        <p className="muted">
          {data.categories.map(({ name, share }) => `${name} ${Math.round(100 * share)} %`).join(', ')}
        </p>
      )}
      <ul>
        {data.titles.map((title, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two items may have one title
          <li key={at} className="clip">
            {title}
          </li>
        ))}
      </ul>
    </>
  );
}
