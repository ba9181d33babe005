import { useMemo } from 'react';
import { settingTitle } from '../../../core/api/models.ts';
import { FEWEST_TRIALS, METHOD, type SweepPage, whatMattered } from '../../../core/api/studies.ts';
import { countText, fixed } from '../../format/format.ts';

const TILES = 25;

/** How much of the differences between trials goes with each setting; nothing where the trials cannot be compared. */
export function WhatMattered({ sweep: { spec, trials, problem } }: { sweep: SweepPage }) {
  const shares = useMemo(
    () =>
      whatMattered(
        trials,
        spec.sweep.vary.map(({ key }) => key),
      ),
    [spec, trials],
  );
  const measured = trials.filter(({ value }) => value !== null).length;
  if (problem !== null) return null;
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>
          What mattered{' '}
          {shares && (
            <span className="muted" title={METHOD}>
              share of the variance of ranks, {countText(measured, 'trial')}
            </span>
          )}
        </h2>
      </div>
      {shares ? (
        <ul className="mattered" style={{ maxWidth: 460 }} title={METHOD}>
          {shares.map(({ key, share }) => (
            <li key={key} className="grid middle">
              <span className="clip">{settingTitle(key)}</span>
              <span className="tiles large flex gap-tile" aria-hidden="true">
                {Array.from({ length: TILES }, (_, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place
                  <i key={at} data-filled={at < Math.round(TILES * share) || undefined} />
                ))}
              </span>
              <span className="text-end">{fixed(100 * share, 0)} %</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">
          Needs {FEWEST_TRIALS} completed trials ({measured} so far).
        </p>
      )}
    </section>
  );
}
