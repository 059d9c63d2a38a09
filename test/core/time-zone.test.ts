/** Time zones: offsets from the database of the runtime, wall clocks to instants and back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lenientZone, sessionZone } from '../../lib/core/time/zone-id.ts';
import { toEpoch, toLocal } from '../../lib/core/time/zone.ts';

const zone = (id: string) => sessionZone(id) ?? lenientZone('');
const at = (text: string): number => Date.parse(`${text}Z`);

test.each([
  ['Europe/Berlin', true],
  ['America/Los_Angeles', true],
  ['Australia/Lord_Howe', true],
  // They had it once.
  ['America/Sao_Paulo', false],
  ['Asia/Shanghai', false],
  ['Asia/Kathmandu', false],
])('%s has daylight saving time: %s', (id, expected) => {
  expect(zone(id).usesDaylightTime).toBe(expected);
});

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['GMT+8', 'GMT+08:00'],
  ['GMT-03:30', 'GMT-03:30'],
  ['UTC', 'UTC'],
  ['Etc/UTC', 'Etc/UTC'],
  ['EST5EDT', 'EST5EDT'],
])('a session may be in %s', (id, name) => {
  expect(sessionZone(id)?.id).toBe(name);
});

test.each(['+05:30', 'Z', 'UTC+8', 'PST', 'EST', 'utc', 'EUROPE/BERLIN', 'Mars/Base', 'GMT+24:00', ''])('no session is in %j', (id) => {
  expect(sessionZone(id)).toBeNull();
});

test('a function takes short names, and GMT for names that nobody knows', () => {
  expect([lenientZone('PST').id, lenientZone('EST').offsetAt(0), lenientZone('Nowhere/X').id]).toEqual(['America/Los_Angeles', -18_000_000, 'UTC']);
});

test.each([
  // Skipped: the clock goes from 2 to 3.
  ['Europe/Berlin', '2024-03-31T02:30:00', '2024-03-31T01:30:00', '2024-03-31T01:30:00'],
  // Twice: the earlier instant, and the later one.
  ['Europe/Berlin', '2024-10-27T02:30:00', '2024-10-27T00:30:00', '2024-10-27T01:30:00'],
  ['Australia/Lord_Howe', '2024-04-07T01:45:00', '2024-04-06T14:45:00', '2024-04-06T15:15:00'],
  // Before there were zones.
  ['Europe/Berlin', '0001-01-01T00:00:00', '0000-12-31T23:06:32', '0000-12-31T23:06:32'],
  ['Asia/Kathmandu', '2024-01-01T05:45:00', '2024-01-01T00:00:00', '2024-01-01T00:00:00'],
])('%s: %s is %s, or %s', (id, local, early, late) => {
  expect([toEpoch(zone(id), at(local)), toEpoch(zone(id), at(local), true)]).toEqual([at(early), at(late)]);
});

test('offsets are those of Intl at any time, however they are asked for', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu'];
  const formats = new Map(zones.map((id) => [id, new Intl.DateTimeFormat('sv-SE', { timeZone: id, dateStyle: 'short', timeStyle: 'medium' })]));
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: at('1970-01-01T00:00:00'), max: at('2060-01-01T00:00:00') }), (id, ms) => {
      const seconds = Math.floor(ms / 1000) * 1000;
      expect(new Date(toLocal(zone(id), seconds)).toISOString().slice(0, 19).replace('T', ' ')).toBe(formats.get(id)?.format(seconds));
    }),
    { numRuns: 2000 },
  );
});

test('an instant is found again by its wall clock, or by the other instant that has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: at('1970-01-01T00:00:00'), max: at('2060-01-01T00:00:00') }), (ms) => {
      const berlin = zone('Europe/Berlin');
      const local = toLocal(berlin, ms);
      expect([toEpoch(berlin, local), toEpoch(berlin, local, true)]).toContain(ms);
    }),
  );
});
