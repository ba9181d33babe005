import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { SelectedView } from '../../../core/api/codebooks.ts';
import { api } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import type { Pattern } from './codebook-route.ts';
import { useWorkbench } from './workbench.ts';

const REST_MS = 90;

/** Categories and titles of a part of the catalogue, once the pointer rests on it. */
export function Peek({ pattern }: { pattern: Pattern }) {
  const { view } = useWorkbench();
  const input: SelectedView = { ...view, selection: { pattern, lasso: null } };
  const asked = useDebounced(input, REST_MS);
  const { data } = useQuery({
    ...api.codebooks.peek.queryOptions({ input: asked }),
    placeholderData: keepPreviousData,
  });
  if (!data || data.items === 0) return null;
  return (
    <>
      {data.categories.length > 0 && (
        <p className="muted">
          {data.categories.map(({ name, share }) => `${name} ${Math.round(100 * share)} %`).join(', ')}
        </p>
      )}
      <ul className="scene-tip-titles">
        {data.titles.map((title) => (
          <li key={title}>{title}</li>
        ))}
      </ul>
    </>
  );
}
