import type { CodebookStrips } from '../../../core/api/codebooks.ts';
import { CategoryPanel } from './CategoryPanel.tsx';
import { Legend } from './Legend.tsx';
import { StripsPanel } from './StripsPanel.tsx';
import { TreePanel } from './TreePanel.tsx';

/** The codes level by level, the tree of prefixes below the selected one, and its categories. */
export function OverviewTab({ strips, stale }: { strips: CodebookStrips; stale: boolean }) {
  return (
    <div className="codebook-flow">
      <Legend categories={strips.categories} />
      <StripsPanel strips={strips} stale={stale} />
      <div className="codebook-pair">
        <TreePanel categories={strips.categories} />
        <CategoryPanel categories={strips.categories} />
      </div>
    </div>
  );
}
