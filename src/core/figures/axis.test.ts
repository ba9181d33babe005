import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf, positionOf, scaleOf, ticksOf } from './axis.ts';
import { textWidth } from './text.ts';

const texts = (...[axis, domain, length, isRow]: Parameters<typeof ticksOf>) =>
  ticksOf(axis, domain, length, isRow).map(({ text }) => text);

describe('an axis', () => {
  it('reaches 4 % beyond its values, and not beyond a 0 that it begins with', () => {
    expect(domainOf({}, [1, 2, Number.NaN])).toEqual([0.96, 2.04]);
    expect(domainOf({ zero: true }, [1, 2])).toEqual([0, 2.08]);
    expect(domainOf({ zero: true }, [-2, -1])).toEqual([-2.08, 0]);
  });

  it('leaves out what is not above 0 where it is logarithmic', () => {
    const [low, high] = domainOf({ kind: 'log' }, [0, -3, 1, 100]);
    expect(low).toBeCloseTo(1 / 100 ** 0.04);
    expect(high).toBeCloseTo(100 * 100 ** 0.04);
  });

  it('gives a value back from its place', () => {
    const ends = fc.tuple(
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      fc.double({ min: 11, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(ends, fc.double({ min: 0, max: 300, noNaN: true }), (domain, place) => {
        for (const kind of ['numbers', 'log', 'symlog'] as const) {
          const scale = scaleOf({ kind }, domain, [0, 300]);
          expect(scale.place(scale.value(place))).toBeCloseTo(place, 4);
        }
      }),
    );
  });
});

describe('ticks', () => {
  it('are three at most on a short axis, and never print over each other', () => {
    const domain = fc.tuple(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: 1.001, max: 1e5, noNaN: true }),
    );
    fc.assert(
      fc.property(domain, fc.integer({ min: 120, max: 1500 }), (ends, length) => {
        const ticks = ticksOf({}, ends, length, true);
        const { place } = scaleOf({}, ends, [0, length]);
        if (length < 400) expect(ticks.length).toBeLessThanOrEqual(3);
        for (const [at, { value, text }] of ticks.entries()) {
          if (at === 0) continue;
          const before = ticks[at - 1];
          const room = (textWidth(text, 11) + textWidth(before.text, 11)) / 2;
          expect(place(value) - place(before.value)).toBeGreaterThan(room);
        }
      }),
    );
  });

  it('have equal decimals and a true minus', () => {
    expect(texts({}, [-0.011, 0.006], 600, true)).toEqual(['−0.010', '−0.005', '0.000', '0.005']);
  });

  it('of differences have a sign, and 0 none', () => {
    expect(texts({ signed: true }, [-0.011, 0.006], 600, true)).toEqual(['−0.010', '−0.005', '0', '+0.005']);
  });

  it('of a short logarithmic axis have the decimals that tell them apart', () => {
    expect(texts({ kind: 'log' }, [0.0412, 0.0563], 400, false)).toEqual(['0.045', '0.050', '0.055']);
    expect(texts({ kind: 'log' }, [0.001, 20], 400, false)).toEqual(['0.001', '0.01', '0.1', '1', '10']);
  });

  it('never say one text twice', () => {
    const grouped = (value: number) => Math.round(value).toLocaleString('en-US');
    expect(texts({ text: grouped }, [0, 1], 300, false)).toEqual(['0', '1']);
    expect(texts({ text: grouped, whole: true }, [0, 2], 300, false)).toEqual(['0', '1', '2']);
  });

  it('count whole epochs, but below one there are still some', () => {
    expect(texts({ whole: true }, [0, 3], 600, true)).toEqual(['0', '1', '2', '3']);
    expect(texts({ whole: true }, [0, 0.5], 600, true).length).toBeGreaterThan(2);
  });

  it('are written as finely as they are apart: no time stands twice', () => {
    const start = new Date(2026, 0, 5, 15, 52).getTime();
    const seconds = texts({ kind: 'local' }, [start, start + 50_000], 600, true);
    expect(new Set(seconds).size).toBe(seconds.length);
    expect(seconds[0]).toMatch(/^15:52:\d\d$/);
    expect(texts({ kind: 'utc' }, [Date.UTC(2017, 0), Date.UTC(2019, 0)], 600, true)).toContain('2018-01');
  });
});

it('tells a place as finely as it is seen, however far from 0', () => {
  const text = (x: number, from: number, to: number) => positionOf({}, x, [from, to]).text;
  expect(text(123.4567, 0, 300)).toBe('123');
  expect(text(123.4567, 123, 125)).toBe('123.46');
  expect(text(12.3456, 0, 50)).toBe('12.3');
  expect(text(123_456, 0, 200_000)).toBe('123,456');
});
