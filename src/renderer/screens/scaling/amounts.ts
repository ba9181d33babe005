const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** 1.25e12 → "1.25 T". */
export function amountText(value: number): string {
  const place = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${Number((value / 1000 ** place).toPrecision(3))} ${UNITS[place]}`;
}

/** Four significant digits; an exponent where a number would be hard to read. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
