/** How well a few typed letters fit a name: they must stand in it in their order, and count more at the beginning of words. */

/** 0 and up, more is better; null when a letter is missing. Case does not matter. */
export function fuzzy(typed: string, name: string): number | null {
  const wanted = typed.toLowerCase();
  const text = name.toLowerCase();
  if (wanted === '') return 0;
  if (text === wanted) return 1000;
  if (text.startsWith(wanted)) return 500 - text.length;
  // A piece in one is worth more than the same letters strewn over the name.
  const whole = text.indexOf(wanted);
  if (whole >= 0) return (isWordStart(text, whole) ? 300 : 200) - text.length;
  let score = 0;
  let at = -1;
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    score += isWordStart(text, next) ? 8 : next === at + 1 ? 4 : 1;
    at = next;
  }
  return Math.min(100, score);
}

const isWordStart = (text: string, at: number): boolean => at === 0 || /[\s/:_-]/.test(text[at - 1] ?? '');
