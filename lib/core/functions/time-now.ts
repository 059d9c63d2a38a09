/** The current time, by the clock of whoever evaluates (see `Clock`): one instant for all of a record. */
import { MS_PER_DAY } from '../calendar.ts';
import { toLocal } from '../time/zone.ts';
import { TIMESTAMP3, type SqlType } from '../types.ts';
import { zoneOf, type ScalarFunction } from './function.ts';
import { isTimestamp } from './type-rules.ts';

const LTZ3: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };
const TIME0: SqlType = { kind: 'TIME', precision: 0 };

const always = (): boolean => true;
const never = (): boolean => false;

/** An instant. */
const now = (name: string): ScalarFunction => ({
  name,
  resolve: (args) => (args.length === 0 ? { args: [], type: LTZ3 } : 'it takes no arguments'),
  nullable: never,
  readsClock: always,
  compile: (_, __, clock) => () => clock.now,
});

/** What the wall clock of the session shows. */
const local = (name: string, type: SqlType, of: (localMs: number) => number): ScalarFunction => ({
  name,
  resolve: (args) => (args.length === 0 ? { args: [], type } : 'it takes no arguments'),
  nullable: never,
  isZoned: always,
  readsClock: always,
  compile: (_, call, clock) => {
    const zone = zoneOf(call);
    return () => of(toLocal(zone, clock.now));
  },
});

const dayOf = (ms: number): number => Math.floor(ms / MS_PER_DAY);
const clockOf = (ms: number): number => ms - dayOf(ms) * MS_PER_DAY;

/** `CURRENT_WATERMARK(row time)`: of the rows of the partition before the present one; NULL before there is one. The planner checks that it is a row time. */
const CURRENT_WATERMARK: ScalarFunction = {
  name: 'CURRENT_WATERMARK',
  resolve: ([time, ...rest]) => {
    if (time === undefined || rest.length > 0 || !isTimestamp(time.type)) return 'it takes (row time)';
    return { args: [time.type], type: { ...TIMESTAMP3, ...time.type } };
  },
  nullable: always,
  readsClock: always,
  compile: (_, __, clock) => () => clock.watermark,
};

export const CURRENT_TIMES: readonly ScalarFunction[] = [
  ...['CURRENT_TIMESTAMP', 'NOW', 'CURRENT_ROW_TIMESTAMP', 'PROCTIME'].map(now),
  local('LOCALTIMESTAMP', TIMESTAMP3, (ms) => ms),
  local('CURRENT_DATE', { kind: 'DATE' }, dayOf),
  ...['CURRENT_TIME', 'LOCALTIME'].map((name) => local(name, TIME0, clockOf)),
  CURRENT_WATERMARK,
];
