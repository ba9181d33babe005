import { useQuery } from '@tanstack/react-query';
import { labelText } from '../../../core/api/runs.ts';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

/** A run that another one names in its config, by what it is called. */
export function SourceLink({ id }: { id: string }) {
  const { data } = useQuery(api.runs.table.queryOptions({ input: { runs: [id] } }));
  if (data === undefined) return <span className="muted">{id}</span>;
  const [row] = data.rows;
  if (!row) return <span className="muted">a run that was deleted</span>;
  return <a href={routeLink('run', [id])}>{labelText(row.label)}</a>;
}
