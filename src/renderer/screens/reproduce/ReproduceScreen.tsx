import type { LookRequest } from '../../../core/api/reproduce.ts';
import { useRoute } from '../../state/navigation.ts';
import { AfterView } from './AfterView.tsx';
import { BeforeView } from './BeforeView.tsx';
import '../../studies/studies.css';

/** What to expect of runs that are made again, of a run, a report or a bundle; or what came of them. */
export default function ReproduceScreen() {
  const [kind, what] = useRoute(({ path }) => path);
  const query = useRoute((place) => place.query);
  if (kind === 'done') return <AfterView runs={(query.get('runs') ?? '').split(',').filter(Boolean)} />;
  const of: LookRequest['of'] =
    kind === 'file' ? { kind, path: what ?? '' } : { kind: 'run', run: what ?? '' };
  const data = query.get('data')?.split('\n').filter(Boolean) ?? [];
  return <BeforeView key={`${kind} ${what}`} of={of} data={data} />;
}
