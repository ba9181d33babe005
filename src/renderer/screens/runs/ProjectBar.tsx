import { Scale } from 'lucide-react';
import type { Project } from '../../../core/api/projects.ts';
import { Icon } from '../../components/Button.tsx';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { routeLink } from '../../state/navigation.ts';

/** What the project in view is about, and its saved comparisons, from which its reports are made. */
export function ProjectBar({ project }: { project: Project }) {
  const saved = useSavedComparisons();
  const comparisons = saved.filter((one) => one.project === project.id);
  if (project.description === '' && comparisons.length === 0) return null;
  return (
    <div className="flex wrap gap-6 rigid line-below bar-inset">
      {project.description && <p className="muted">{project.description}</p>}
      {comparisons.length > 0 && (
        <ul className="flex wrap gap-4" aria-label="Comparisons of the project">
          {comparisons.map((one) => (
            <li key={one.id}>
              <a
                className="row-link row gap-1"
                href={routeLink('compare', [], comparisonQuery(one))}
                title={one.notes || undefined}
              >
                <Icon of={Scale} />
                {one.name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
