import { expect, it } from 'vitest';
import { utcMs } from './dates.ts';

it.each([
  ['2017-07-20 00:00', Date.UTC(2017, 6, 20)],
  ['2017-07-20', Date.UTC(2017, 6, 20)],
  ['2017-07', Date.UTC(2017, 6)],
  ['2017-07-20T12:30:15.25', Date.UTC(2017, 6, 20, 12, 30, 15, 250)],
  ['2017-07-20T12:30:15.250000', Date.UTC(2017, 6, 20, 12, 30, 15, 250)],
  ['2017-07-20T00:00+02:00', Date.UTC(2017, 6, 19, 22)],
  ['2017-07-20T00:00:00Z', Date.UTC(2017, 6, 20)],
  ['Thu, 20 Jul 2017 00:00:00 GMT', Date.UTC(2017, 6, 20)],
  ['20 Jul 2017 16:08:04', Date.UTC(2017, 6, 20, 16, 8, 4)],
  ['7/20/2017', Date.UTC(2017, 6, 20)],
  ['nonsense', Number.NaN],
  ['', Number.NaN],
])('%s is the same moment in every time zone', (text, time) => {
  const zone = process.env.TZ;
  try {
    for (const other of ['UTC', 'America/New_York', 'Asia/Tokyo']) {
      process.env.TZ = other;
      expect([other, utcMs(text)]).toEqual([other, time]);
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
