/** Values as `print` shows them. */
import { encodeStored } from '../../core/stored-value.ts';

/** JSON for people: as values are stored, but for dates, which are ISO 8601 in UTC. Throws STATE_VALUE_INVALID for what cannot be stored. */
export const printed = (value: unknown): string => JSON.stringify(encodeStored(value), (_key, item: unknown) => dateIn(item) ?? item);

/** A field that a program calls `$date` has another `$` here. */
const dateIn = (item: unknown): unknown => (typeof item === 'object' && item !== null && '$date' in item ? item.$date : null);
