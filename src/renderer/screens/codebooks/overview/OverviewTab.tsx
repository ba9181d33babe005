import type { CodebookStrips } from '../../../../core/api/codebooks.ts';
import { useRoom } from '../../../charts/use-room.ts';
import { CategoryLegend } from '../categories/CategoryLegend.tsx';
import { CategoryPanel } from '../categories/CategoryPanel.tsx';
import { StripsPanel } from './StripsPanel.tsx';
import { TreePanel } from './TreePanel.tsx';

/** The codes level by level, the tree of prefixes below the selected one, and its categories. */
export function OverviewTab({ strips, stale }: { strips: CodebookStrips; stale: boolean }) {
  const [pair, room] = useRoom<HTMLDivElement>();
  return (
    <div className="codebook-flow flow">
      <CategoryLegend categories={strips.categories} />
      <StripsPanel strips={strips} stale={stale} />
      <div className="codebook-pair" ref={pair}>
        <TreePanel categories={strips.categories} room={room} />
        <CategoryPanel categories={strips.categories} room={room} />
      </div>
    </div>
  );
}
