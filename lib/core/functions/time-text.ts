/** Dates and times as text: DATE_FORMAT, FROM_UNIXTIME, CONVERT_TZ (Flink's DateTimeUtils). */
import { MS_PER_DAY } from '../calendar.ts';
import { dateTimeOf } from '../time/date-time.ts';
import { formatDateTime } from '../time/datetime-format.ts';
import { formatSimple } from '../time/simple-format.ts';
import { parseSimple } from '../time/simple-parse.ts';
import { UTC, lenientZone } from '../time/zone-id.ts';
import { toLocal, type TimeZone } from '../time/zone.ts';
import { BIGINT, TIMESTAMP3, type SqlType, type Value } from '../types.ts';
import { numberOf, stringOf, type Present } from '../value-access.ts';
import { strict, zoneOf, type ScalarFunction } from './function.ts';
import { INTEGERS, inForms } from './operands.ts';
import { DATES, TEXTS, TIMESTAMPS } from './time-operands.ts';
import { failing, patternOf, PLAIN_PATTERN, simplePatternOf } from './time-pattern.ts';
import { nanosOf, ticksOf } from './time-unit.ts';
import { isText, string } from './type-rules.ts';

const always = (): boolean => true;

type Format = (time: Present, pattern: Present) => Value;

/** Timestamps by the patterns of DateTimeFormatter; dates and text by those of SimpleDateFormat, in UTC. */
function formatter(type: SqlType, zone: TimeZone): Format {
  if (type.kind === 'DATE') return (time, pattern) => failing(() => formatSimple(simplePatternOf(stringOf(pattern)), numberOf(time) * MS_PER_DAY, UTC));
  if (isText(type)) return (time, pattern) => failing(() => reformat(stringOf(time), UTC, stringOf(pattern), UTC));
  return (time, pattern) => {
    const at = dateTimeOf(toLocal(zone, ticksOf(type, time)), nanosOf(type, time));
    return failing(() => formatDateTime(patternOf(stringOf(pattern)), at));
  };
}

/** Text of the plain pattern by another one; NULL for any other text. */
function reformat(text: string, from: TimeZone, pattern: string, to: TimeZone): string | null {
  const parts = simplePatternOf(pattern);
  const epochMs = parseSimple(simplePatternOf(PLAIN_PATTERN), text, from);
  return epochMs === null ? null : formatSimple(parts, epochMs, to);
}

const DATE_FORMAT: ScalarFunction = {
  name: 'DATE_FORMAT',
  resolve: inForms('DATE_FORMAT', [[DATES, TEXTS], [TIMESTAMPS, TEXTS], [TEXTS, TEXTS]], string),
  nullable: always,
  isZoned: ({ args }) => args[0]?.type.kind === 'TIMESTAMP_LTZ',
  compile: (args, call) => {
    const type = call.args[0]?.type ?? TIMESTAMP3;
    return strict(formatter(type, type.kind === 'TIMESTAMP_LTZ' ? zoneOf(call) : UTC))(args);
  },
};

/** `FROM_UNIXTIME(seconds [, pattern])`. */
const FROM_UNIXTIME: ScalarFunction = {
  name: 'FROM_UNIXTIME',
  resolve: (args) => {
    const found = inForms('FROM_UNIXTIME', [[INTEGERS], [INTEGERS, TEXTS]], string)(args);
    return typeof found === 'string' ? found : { ...found, args: [BIGINT, ...found.args.slice(1)] };
  },
  nullable: always,
  isZoned: always,
  compile: (args, call) => {
    const zone = zoneOf(call);
    return strict((seconds, pattern = PLAIN_PATTERN) => failing(() => formatSimple(simplePatternOf(stringOf(pattern)), Number(seconds) * 1000, zone)))(args);
  },
};

/** `CONVERT_TZ(text, from, to)`; a zone that Java does not know is GMT. */
const CONVERT_TZ: ScalarFunction = {
  name: 'CONVERT_TZ',
  resolve: inForms('CONVERT_TZ', [[TEXTS, TEXTS, TEXTS]], string),
  nullable: always,
  compile: strict((text, from, to) => reformat(stringOf(text), lenientZone(stringOf(from)), PLAIN_PATTERN, lenientZone(stringOf(to)))),
};

export const TIME_TEXTS: readonly ScalarFunction[] = [DATE_FORMAT, FROM_UNIXTIME, CONVERT_TZ];
