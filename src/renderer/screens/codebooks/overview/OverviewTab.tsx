import type { CodebookStrips } from '../../../../core/api/codebooks.ts';
import { CategoryLegend } from '../categories/CategoryLegend.tsx';
import { CategoryPanel } from '../categories/CategoryPanel.tsx';
import { StripsPanel } from './StripsPanel.tsx';
import { TreePanel } from './TreePanel.tsx';

/** The codes level by level, the tree of prefixes below the selected one, and its categories. */
export function OverviewTab({ strips, stale }: { strips: CodebookStrips; stale: boolean }) {
  return (
    <div className="codebook-flow">
      <CategoryLegend categories={strips.categories} />
      <StripsPanel strips={strips} stale={stale} />
      <div className="codebook-pair">
        <TreePanel categories={strips.categories} />
        <CategoryPanel categories={strips.categories} />
      </div>
    </div>
  );
}
