/** What an agent, a gate or a file wrote, made safe to show: as one line, or as the lines it has. */
import { sanitize } from '../../loop/text.ts';

/** The text as one line; line breaks become spaces. */
export const oneLine = (text: string): string => sanitize(text.replace(/[\r\n]+/g, ' '));

/** The text with its own line breaks, each line clean, no blank end. */
export const block = (text: string): string => text.split(/\r?\n/).map(sanitize).join('\n').trimEnd();
