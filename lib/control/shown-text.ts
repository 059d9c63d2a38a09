/** Values of results as people see them. */
import { converter } from '../core/functions/cast.ts';
import type { TimeZone } from '../core/time/zone.ts';
import { UTC } from '../core/time/zone-id.ts';
import { STRING, type SqlType } from '../core/types.ts';
import type { Present } from '../core/value-access.ts';
import { valueText } from '../core/value-text.ts';

/** What CAST to STRING gives in the time zone of a session, as Flink's SQL client shows it. */
export function shownText(type: SqlType, zone: TimeZone = UTC): (value: Present) => string {
  const cast = converter(type, STRING, zone) ?? valueText.bind(null, type);
  return (value) => String(cast(value));
}
