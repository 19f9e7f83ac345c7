/** Whether a path is one of those that globs name. Dotfiles are files, and a folder's glob names all that is in it. */
import picomatch from 'picomatch';

/** `loops` and `loops/` mean what `loops/**` does. */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  const all = globs.flatMap((glob) => {
    const plain = glob.replace(/^\.?\//, '').replace(/\/$/, '');
    return /[*?[{(!]/.test(plain) ? [plain] : [plain, `${plain}/**`];
  });
  return all.length === 0 ? () => false : picomatch(all, { dot: true });
}
