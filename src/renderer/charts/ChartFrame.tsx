import { Download, Maximize2, Minimize2 } from 'lucide-react';
import { type FocusEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { type Drawing, keyPath, pictureOf, pictureSize } from '../../core/api/drawing.ts';
import { colourOf, type LegendEntry } from '../../core/api/figures.ts';
import { Button } from '../components/Button.tsx';
import { saveFile } from '../components/copy.ts';
import { Menu } from '../components/Menu.tsx';
import { DialogFoot } from '../components/Toasts.tsx';
import { attempt } from '../state/toasts.ts';
import { pdfOf, pngOf, typefaceFor } from './picture.ts';
import { useChartColours } from './use-chart-colours.ts';
import type { FullScreen } from './use-full-screen.ts';

export interface ChartFrameProps {
  title: string;
  /** Behind the title. */
  subtitle?: string;
  /** Without ending; what a file system might refuse is replaced. */
  fileName: string;
  /** Called when the user saves: what is shown below the title; null while there is nothing. */
  drawing(): Drawing | null;
  /** What colours and shapes stand for. */
  legend?: readonly LegendEntry[];
  /** The same in a saved file. Default: as on the screen. */
  fileLegend?: readonly LegendEntry[];
  /** Beside the entries of the legend, which then stands behind the title. */
  values?: readonly string[];
  /** Controls beside the title. */
  controls?: ReactNode;
  full: FullScreen;
  children: ReactNode;
}

/** A chart with its title and legend, and how to save it as it is shown and to let it fill the window. */
export function ChartFrame(props: ChartFrameProps) {
  const { title, subtitle, fileName, drawing, legend = [], values, controls, full, children } = props;
  const { fileLegend = legend } = props;
  const { isFull, setFull } = full;
  const colours = useChartColours();
  const frame = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(0);
  const save = (kind: 'svg' | 'png' | 'pdf') => async () => {
    await attempt('Could not save the chart', async () => {
      const shown = drawing();
      if (!shown) return;
      const caption = { title, subtitle, legend: fileLegend };
      const style = kind === 'pdf' ? '' : await typefaceFor(JSON.stringify(caption) + shown.svg);
      const svg = pictureOf(shown, caption, colours, style);
      const file =
        kind === 'pdf'
          ? await pdfOf(svg, title)
          : kind === 'png'
            ? await pngOf(svg, pictureSize(shown, caption))
            : new Blob([svg], { type: 'image/svg+xml' });
      await saveFile(`${fileName.replaceAll(/[^\p{L}\p{N}@._-]+/gu, '-')}.${kind}`, file);
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
      <figure className="chart stack packed gap-1" style={{ margin: 0 }}>
        <figcaption className="chart-head">
          <h2>
            {title}
            {subtitle && <span className="muted"> {subtitle}</span>}
          </h2>
          <span className="screen-actions row push rigid">
            {values && <Legend entries={legend} values={values} />}
            {controls}
            <Menu
              trigger={
                <Button
                  icon={Download}
                  kind="quiet"
                  data-size="small"
                  aria-label={`Save chart ${title}`}
                  title="Save chart"
                />
              }
              choices={[
                { label: 'Save as SVG', perform: save('svg') },
                { label: 'Save as PDF', perform: save('pdf') },
                { label: 'Save as PNG', perform: save('png') },
              ]}
            />
            <Button
              icon={isFull ? Minimize2 : Maximize2}
              kind="quiet"
              data-size="small"
              aria-label={isFull ? `Leave full screen of ${title}` : `Full screen of ${title}`}
              title={isFull ? 'Leave full screen (Esc)' : 'Full screen'}
              onClick={toggle}
            />
          </span>
        </figcaption>
        {!values && legend.length > 0 && <Legend entries={legend} />}
        {children}
        {isFull && <DialogFoot />}
      </figure>
    </div>
  );
}

/** A sole entry shows its value alone: the title says what it is. */
function Legend({ entries, values }: { entries: readonly LegendEntry[]; values?: readonly string[] }) {
  const colours = useChartColours();
  return (
    <ul className={`chart-key legend shrinks ${values ? 'end' : ''}`}>
      {entries.map((entry, at) => (
        <li key={entry.id} className="row gap-sign shrinks" title={entry.label}>
          <svg width={12} height={12} viewBox="-6 -6 12 12" aria-hidden="true">
            <path
              d={keyPath(entry)}
              fill={entry.hollow ? colours.background : colourOf(entry.colour, colours)}
              stroke={colourOf(entry.colour, colours)}
              strokeWidth={1.5}
            />
          </svg>
          {(entries.length > 1 || !values) && <span className="muted clip">{entry.label}</span>}
          {values && <span className="chart-value medium rigid">{values[at]}</span>}
        </li>
      ))}
    </ul>
  );
}
