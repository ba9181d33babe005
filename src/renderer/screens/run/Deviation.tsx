import { fixed } from '../../format/format.ts';

/** Percent by which a figure of another program may differ without a question. */
const USUAL = 2;

/** How far what a program states is from what was measured of its lists, and a question where that is far. */
export function Deviation({ stated, measured }: { stated: number; measured: number }) {
  const percent = (100 * (stated - measured)) / Math.abs(measured);
  if (!Number.isFinite(percent)) return null;
  const text = `${fixed(Math.abs(percent), 1)} % ${percent < 0 ? 'below' : 'above'} ours`;
  if (Math.abs(percent) <= USUAL) return text;
  return <span className="warning">{text}; check the candidate set</span>;
}
