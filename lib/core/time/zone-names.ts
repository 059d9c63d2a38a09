/** Short names of the time zones that are used most, as Java has them in English. */
import type { TimeZone } from './zone.ts';

/** Zones by their names in winter and in summer. */
const ZONES: readonly (readonly [standard: string, summer: string, zones: string])[] = [
  ['CET', 'CEST', 'Europe: Amsterdam Belgrade Berlin Brussels Budapest Copenhagen Luxembourg Madrid Oslo Paris Prague Rome Stockholm Vienna Warsaw Zurich'],
  ['EET', 'EEST', 'Europe: Athens Bucharest Helsinki Kiev Kyiv Riga Sofia Tallinn Vilnius'],
  ['WET', 'WEST', 'Europe: Lisbon'],
  ['GMT', 'BST', 'Europe: London'],
  ['GMT', 'IST', 'Europe: Dublin'],
  ['MSK', 'MSD', 'Europe: Moscow'],
  ['EST', 'EDT', 'America: New_York Detroit Toronto'],
  ['CST', 'CDT', 'America: Chicago Winnipeg'],
  ['MST', 'MDT', 'America: Denver Phoenix Edmonton'],
  ['PST', 'PDT', 'America: Los_Angeles Vancouver'],
  ['BRT', 'BRST', 'America: Sao_Paulo'],
  ['CST', 'CDT', 'Asia: Shanghai Taipei'],
  ['IST', 'IST', 'Asia: Kolkata Calcutta'],
  ['JST', 'JDT', 'Asia: Tokyo'],
  ['KST', 'KDT', 'Asia: Seoul'],
  ['HKT', 'HKST', 'Asia: Hong_Kong'],
  ['SGT', 'SGT', 'Asia: Singapore'],
  ['AEST', 'AEDT', 'Australia: Sydney Melbourne'],
  ['NZST', 'NZDT', 'Pacific: Auckland'],
];

const NAMES: ReadonlyMap<string, readonly [standard: string, summer: string]> = new Map(
  ZONES.flatMap(([standard, summer, zones]) => {
    const [area = '', cities = ''] = zones.split(': ');
    return cities.split(' ').map((city) => [`${area}/${city}`, [standard, summer]] as const);
  }),
);

/** The name at an offset from UTC in milliseconds; undefined where none is known. */
export function shortZoneName(zone: TimeZone, offset: number, standardOffset: number): string | undefined {
  if (zone.id === 'UTC' || zone.id === 'GMT') return zone.id;
  return NAMES.get(zone.id)?.[offset > standardOffset ? 1 : 0];
}
