import { expect, it } from 'vitest';
import { importRequestSchema, parseImportInput } from './request.ts';

it("the first instant kept is UTC's in every time zone", () => {
  const zone = process.env.TZ;
  process.env.TZ = 'America/New_York';
  try {
    const { from, to } = parseImportInput(importRequestSchema, {
      ...{ paths: ['/x'], from: '2017-07-20 00:00', to: '2017-07-20T12:00:00+02:00' },
    });
    expect([from, to]).toEqual([Date.UTC(2017, 6, 20) / 1000, Date.UTC(2017, 6, 20, 10) / 1000]);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
