import {
  type ComparisonCell,
  type ComparisonView,
  disagrees,
  exactWords,
} from '../../../core/api/compare.ts';
import { ScreenFoot } from '../../components/Statement.tsx';

interface MetricNotesProps {
  view: ComparisonView;
  shown: readonly number[];
  hasPublished: boolean;
}

/** How to read the table: only what stands in it. */
export function MetricNotes({ view, shown, hasPublished }: MetricNotesProps) {
  const cells = view.rows.flatMap((row) => shown.map((at) => row.cells[at]));
  const [main] = shown;
  const mains = view.rows.map((row) => row.cells[main]);
  const has = (test: (cell: ComparisonCell) => boolean) => cells.some(test);
  const tests = mains.flatMap(({ significance }) => significance ?? []);
  const crosses = tests.some(({ interval: [low, high] }) => low <= 0 && high >= 0);
  const name = tests.some(({ test }) => test !== 't')
    ? "DeLong's test"
    : `Paired t over ${tests[0]?.unit ?? 'users'}`;
  return (
    <ScreenFoot>
      {has(({ mark }) => mark === 'best') && (
        <span>
          <strong>Bold</strong> best
          {has(({ mark }) => mark === 'second') && (
            <>
              , <u>underlined</u> second
            </>
          )}
          .{has(({ std }) => std !== null) && ' ± standard deviation over seeds.'}
        </span>
      )}
      {crosses && (
        <span>
          <span
            className="run-tile hollow"
            style={{ border: '2px solid var(--text-muted)' }}
            aria-hidden="true"
          />
          interval crosses zero
        </span>
      )}
      {hasPublished && (
        <span>
          <span
            className="run-tile"
            style={{ width: 2, background: 'var(--text-faint)' }}
            aria-hidden="true"
          />
          published, not tested
        </span>
      )}
      {tests.length === 0 && mains.some(({ delta }) => delta !== null) && (
        <span>Differences are not tested: these runs have no per-user results.</span>
      )}
      {tests.length > 0 && (
        <span>
          {name}
          {exactWords(tests)}, Holm over {tests.length} {tests.length === 1 ? 'row' : 'rows'}.
          {shown.length > 1 &&
            has(({ significance }) => significance?.significant === true) &&
            ' † p < 0.05.'}
          {mains.some(disagrees) && ' ‡ the interval and the corrected test disagree about 0.'}
        </span>
      )}
      {view.tuningNote !== null && <span>{view.tuningNote}</span>}
    </ScreenFoot>
  );
}
