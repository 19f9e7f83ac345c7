/** Which files of a repository a list of globs means, and which folders can hold one: nothing else needs to be watched. */
import picomatch from 'picomatch';

export interface Globs {
  /** Whether a file (relative to the root, `/` between) is meant. */
  matches(file: string): boolean;
  /** Whether a folder, or one below it, can hold a file that is meant. `''` is the root. */
  mayHold(folder: string): boolean;
}

/** Never looked into, whatever the globs say. */
const CLOSED = new Set(['.git', 'node_modules', '.looptop']);

/** A glob that begins with `!` takes out what the others mean. */
export function globsOf(patterns: readonly string[]): Globs {
  const plain = (pattern: string) => pattern.replace(/^\.\//, '');
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(plain);
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => plain(pattern.slice(1)));
  const isWanted = picomatch(wanted, { dot: true, ignore: unwanted });
  const reaches = wanted.map((pattern) => ({
    base: picomatch.scan(pattern).base,
    depth: pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length,
  }));
  const isOpen = (path: string) => !path.split('/').some((step) => CLOSED.has(step));
  return {
    matches: (file) => isOpen(file) && isWanted(file),
    mayHold: (folder) => {
      if (folder === '') return true;
      const depth = folder.split('/').length;
      return isOpen(folder) && reaches.some((reach) => depth < reach.depth && onTheWay(folder, reach.base));
    },
  };
}

/** One lies in the other, or they are the same. */
const onTheWay = (folder: string, base: string): boolean =>
  base === '' || folder === base || `${folder}/`.startsWith(`${base}/`) || `${base}/`.startsWith(`${folder}/`);
