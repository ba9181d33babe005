import { useQuery } from '@tanstack/react-query';
import { LayoutGrid, type LucideIcon, Plus, Scale } from 'lucide-react';
import { modelTitle } from '../../../core/api/models.ts';
import { Button } from '../../components/Button.tsx';
import { countText } from '../../format/format.ts';
import { useLastRunDraft } from '../../new-run/new-run.ts';
import { savedOf, useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { api } from '../../state/api.ts';
import { useLastPlaces } from '../../state/last-places.ts';
import { parseRoute } from '../../state/navigation.ts';

interface Way {
  label: string;
  icon: LucideIcon;
  perform(): void;
}

/** What was begun and left: a new run that was not started, the last comparison, the last codebook. */
export function Continue() {
  const begun = useLastRunDraft();
  const [{ compare = '', codebooks = '' }] = useLastPlaces();
  const saved = useSavedComparisons();
  const compared = (parseRoute(compare).query.get('runs') ?? '').split(',').filter((id) => id !== '');
  const [tokeniser] = parseRoute(codebooks).path;
  const wanted = [...compared, ...(tokeniser === undefined ? [] : [tokeniser])];
  const { data } = useQuery({
    ...api.runs.table.queryOptions({ input: { runs: wanted, archived: 'all', limit: 1000 } }),
    enabled: wanted.length > 0,
  });
  const rows = data?.rows ?? [];
  const there = compared.filter((run) => rows.some(({ id }) => id === run));
  const codebook = rows.find(({ id }) => id === tokeniser);
  const visit = (address: string) => () => {
    location.hash = address;
  };
  const ways: Way[] = [
    ...(begun
      ? [
          {
            label: `New run of ${begun.draft.models.map(({ model }) => modelTitle(model)).join(', ')} on ${begun.draft.dataset}`,
            icon: Plus,
            perform: begun.open,
          },
        ]
      : []),
    ...(there.length > 0
      ? [
          {
            label: savedOf(saved, compared)?.name ?? `Compare ${countText(there.length, 'run')}`,
            icon: Scale,
            perform: visit(compare),
          },
        ]
      : []),
    ...(codebook
      ? [{ label: `Codebook of ${codebook.name}`, icon: LayoutGrid, perform: visit(codebooks) }]
      : []),
  ];
  if (ways.length === 0) return null;
  return (
    <section aria-label="Continue">
      <div className="home-heading flex baseline gap-2">
        <h2>Continue</h2>
      </div>
      <div className="flex gap-2 wrap">
        {ways.map(({ label, icon, perform }) => (
          <Button icon={icon} className="shrinks" key={label} onClick={perform}>
            <span className="clip">{label}</span>
          </Button>
        ))}
      </div>
    </section>
  );
}
