import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../components/Button.tsx';
import { saveFile } from '../components/copy.ts';
import { Icon } from '../components/Icon.tsx';
import { Menu } from '../components/Menu.tsx';
import { attempt } from '../state/toasts.ts';
import type { ChartFiles } from './export.ts';

export interface ChartFrameProps {
  title: string;
  /** Behind the title. */
  subtitle?: string;
  /** Without ending. */
  fileName: string;
  /** Called when the user saves; null while the chart is not drawn. */
  files(): ChartFiles | null;
  /** Controls beside the title. */
  controls?: ReactNode;
  children: ReactNode;
}

/** A chart with its title, and how to save it. */
export function ChartFrame({ title, subtitle, fileName, files, controls, children }: ChartFrameProps) {
  const save = (kind: 'svg' | 'png') => async () => {
    await attempt('The chart could not be saved', async () => {
      const chart = files();
      if (chart) await saveFile(`${fileName}.${kind}`, await chart[kind]());
    });
  };
  return (
    <figure className="chart" style={{ margin: 0 }}>
      <figcaption className="chart-head">
        <h2>{title}</h2>
        {subtitle && <span className="muted">{subtitle}</span>}
        <span className="screen-actions">
          {controls}
          <Menu
            trigger={
              <Button kind="quiet" aria-label={`Save chart ${title}`} title="Save chart">
                <Icon of={Download} />
              </Button>
            }
            choices={[
              { label: 'Save as SVG', perform: save('svg') },
              { label: 'Save as PNG', perform: save('png') },
            ]}
          />
        </span>
      </figcaption>
      {children}
    </figure>
  );
}
