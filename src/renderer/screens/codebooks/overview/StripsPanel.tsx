import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { CodebookStrips } from '../../../../core/api/codebooks.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import type { Size } from '../../../charts/painter.ts';
import { SceneFigure } from '../../../charts/SceneFigure.tsx';
import { Button } from '../../../components/Button.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { fixed, grouped } from '../../../format/format.ts';
import { api } from '../../../state/api.ts';
import { Peek } from '../Peek.tsx';
import { isNarrowed, useWorkbench } from '../workbench.ts';
import { DeadCodes } from './DeadCodes.tsx';
import { selectionScale, stripOrder, stripScene } from './strip-scene.ts';

const HEIGHT = 72;

/** The codes of each level: how often each is used, and by which category. */
export function StripsPanel({ strips, stale }: { strips: CodebookStrips; stale: boolean }) {
  return (
    <section className="grid gap-2" aria-label="Use of the codes">
      <p className="muted small">
        One tile per code, most used first; a stronger colour means more items. Hatched codes are dead.
      </p>
      {strips.levels.map((_, level) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
        <Strip key={level} strips={strips} level={level} stale={stale} />
      ))}
    </section>
  );
}

function Strip({ strips, level, stale }: { strips: CodebookStrips; level: number; stale: boolean }) {
  const workbench = useWorkbench();
  const { facts, place, toggle, view } = workbench;
  const [dead, setDead] = useState(false);
  const narrowed = isNarrowed(workbench);
  const strip = strips.levels[level];
  const chosen = place.pattern[level] ?? null;
  const marked = useMarkedCode(level);
  const { categories } = strips;
  const scene = useCallback(
    (size: Size, colours: ChartColours) =>
      stripScene({ strip, categories, chosen, marked, narrowed }, size, colours),
    [strip, categories, chosen, marked, narrowed],
  );
  const order = useMemo(() => stripOrder(strip), [strip]);
  const used = strip.counts.filter((count) => count > 0).length;
  const unused = strip.size - used;
  return (
    <div>
      <SceneFigure
        title={`Level ${level + 1}`}
        fileName={`${facts.name}-level-${level + 1}`}
        label={`Codes of level ${level + 1}, from the most used down`}
        height={HEIGHT}
        scene={scene}
        stale={stale}
        onChoose={(mark) => {
          if (strip.counts[order[mark]] > 0) toggle(level, order[mark]);
          else setDead(true);
        }}
        tip={(mark) => <Peek pattern={alone(level, order[mark])} />}
        controls={
          <>
            <span className="muted">
              {narrowed && chosen === null
                ? `Selected: up to ${grouped(selectionScale(strip, chosen))} a code, on a scale of their own`
                : `${grouped(used)} of ${grouped(strip.size)} used, perplexity ${fixed(strip.perplexity, 1)}`}
            </span>
            {unused > 0 && (
              <Button kind="quiet" aria-expanded={dead} onClick={() => setDead(!dead)}>
                {dead ? 'Hide dead codes' : `Why ${unused === 1 ? 'is 1' : `are ${grouped(unused)}`} dead?`}
              </Button>
            )}
            <CopyMenu what={`level ${level + 1}`} columns={columnsOf(strips, level)} rows={() => order} />
          </>
        }
      />
      {dead && <DeadCodes view={view} level={level} />}
    </div>
  );
}

const alone = (level: number, code: number) => [...Array.from({ length: level }, () => null), code];

/** The code that the item of the open card has at a level. */
function useMarkedCode(level: number): number | null {
  const { place, view } = useWorkbench();
  const { data } = useQuery({
    ...api.codebooks.item.queryOptions({ input: { ...view, item: place.item ?? 0 } }),
    enabled: place.item !== null,
  });
  return place.item === null ? null : (data?.item.codes[level] ?? null);
}

function columnsOf({ levels, categories }: CodebookStrips, level: number): Column<number>[] {
  const strip = levels[level];
  return [
    column('code', 'Code', 'number', (code) => code),
    column('items', 'Items', 'number', (code) => strip.counts[code]),
    column('selected', 'Selected', 'number', (code) => strip.selected[code]),
    column('interactions', 'Interactions', 'number', (code) => strip.interactions[code]),
    column('category', 'Category', 'text', (code) => categories[strip.dominant[code]] ?? ''),
    column('purity', 'Purity', 'metric', (code) => (strip.dominant[code] < 0 ? null : strip.purity[code]), 3),
  ];
}
