/** The cursor of a list in a dialog. */

/** The choice after a key, within 0 to `count` - 1; other keys leave it. */
export function moveChoice(choice: number, key: string, count: number): number {
  const last = Math.max(0, count - 1);
  switch (key) {
    case 'down':
    case 'j':
      return Math.min(last, choice + 1);
    case 'up':
    case 'k':
      return Math.max(0, choice - 1);
    case 'home':
    case 'g':
      return 0;
    case 'end':
    case 'G':
      return last;
    default:
      return Math.min(last, choice);
  }
}

/** The first of `rows` rows that shows the choice in a list of `count`. */
export const windowOf = (choice: number, count: number, rows: number): number =>
  Math.max(0, Math.min(choice - Math.floor(rows / 2), count - rows));
