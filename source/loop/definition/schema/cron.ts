/** Whether a cron line means something, by the library that will read it. It computes no time: that needs a clock. */
import { Cron } from 'croner';

/** Five fields, all in range, such as `0 9 * * 1-5`. */
export function isCron(text: string): boolean {
  try {
    // Paused and without a function it only parses.
    new Cron(text, { paused: true, mode: '5-part' });
    return true;
  } catch {
    return false;
  }
}

/** Whether `name` is a time zone of the IANA database as this machine has it. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
