/** What the clock on the wall shows in a time zone. Pure: the time comes as an argument, the zone by its IANA name. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Making one costs a hundred times as much as asking it. */
const known = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const made =
    known.get(zone) ??
    new Intl.DateTimeFormat('en', {
      timeZone: zone,
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  known.set(zone, made);
  return made;
}

const partsOf = (zone: string, at: number): ReadonlyMap<string, string> =>
  new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );

/** Day of the week (0 = Sunday) and minutes since midnight in `zone` at `at` (ms since 1970). */
export function localTime(zone: string, at: number): { readonly day: number; readonly minute: number } {
  const parts = partsOf(zone, at);
  return {
    day: DAYS.indexOf(parts.get('weekday') ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

/** Calendar day `YYYY-MM-DD` in `zone` at `at` (ms since 1970). */
export function localDay(zone: string, at: number): string {
  const parts = partsOf(zone, at);
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}
