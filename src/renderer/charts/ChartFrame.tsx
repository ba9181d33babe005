import { Download, Maximize2, Minimize2 } from 'lucide-react';
import { type FocusEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { saveFile } from '../components/copy.ts';
import { Icon } from '../components/Icon.tsx';
import { Menu } from '../components/Menu.tsx';
import { attempt } from '../state/toasts.ts';
import type { ChartFiles } from './export.ts';
import type { FullScreen } from './use-full-screen.ts';

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
  full: FullScreen;
  children: ReactNode;
}

/** A chart with its title, and how to save it and to let it fill the window. */
export function ChartFrame({ title, subtitle, fileName, files, controls, full, children }: ChartFrameProps) {
  const { isFull, setFull } = full;
  const frame = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(0);
  const save = (kind: 'svg' | 'png') => async () => {
    await attempt('The chart could not be saved', async () => {
      const chart = files();
      if (chart) await saveFile(`${fileName}.${kind}`, await chart[kind]());
    });
  };
  const toggle = () => {
    // The page below keeps its place.
    setPlace(frame.current?.firstElementChild?.clientHeight ?? 0);
    setFull(!isFull);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    setFull(false);
  };
  const onBlur = ({ relatedTarget }: FocusEvent) => {
    // Menus lie outside the page; what lies in it is covered.
    const covered = relatedTarget instanceof Node && document.getElementById('root')?.contains(relatedTarget);
    if (covered && !frame.current?.contains(relatedTarget)) frame.current?.querySelector('button')?.focus();
  };
  return (
    <div
      ref={frame}
      className="chart-frame"
      {...(isFull && {
        role: 'dialog',
        'aria-modal': true,
        'aria-label': title,
        'data-full': true,
        style: { height: place },
        onKeyDown,
        onBlur,
      })}
    >
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
            <Button
              kind="quiet"
              aria-label={isFull ? `Leave full screen of ${title}` : `Full screen of ${title}`}
              title={isFull ? 'Leave full screen (Esc)' : 'Full screen'}
              onClick={toggle}
            >
              <Icon of={isFull ? Minimize2 : Maximize2} />
            </Button>
          </span>
        </figcaption>
        {children}
      </figure>
    </div>
  );
}
