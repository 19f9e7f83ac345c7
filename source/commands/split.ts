/** Opens the pane in a split of the tmux window that the operator stands in, and the lines of .tmux.conf that bind it to keys. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InfraError, UsageError } from '../loop/errors.ts';

/** tmux's own words: `h` beside the present pane, `v` below it. */
export type Direction = 'h' | 'v';

/** What the new pane needs to find the same supervisor and to look the same: tmux gives it the environment that its server began with. */
const CARRIED =
  /^(?:PATH|HOME|LANG|LC_[A-Z]+|XDG_(?:CONFIG|STATE|RUNTIME|CACHE)_(?:HOME|DIR)|NO_COLOR|FORCE_COLOR|LOOPTOP_(?!RUN)[A-Z_]+)$/;

/** @throws UsageError outside tmux, InfraError when tmux cannot split (it says why) */
export async function split(direction: Direction, env: NodeJS.ProcessEnv): Promise<void> {
  const { TMUX, TMUX_PANE } = env;
  if (!TMUX || !TMUX_PANE)
    throw new UsageError('--split needs tmux around it: start tmux first, or open the pane here with looptop');
  const [, program] = process.argv;
  if (program === undefined) throw new InfraError('cannot tell which program to start in the split');
  const carried = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && CARRIED.test(name) ? ['-e', `${name}=${value}`] : [],
  );
  // More than one word of command: tmux starts it as it is, without a shell.
  const command = [process.execPath, ...process.execArgv, program];
  try {
    await promisify(execFile)('tmux', [
      ...['split-window', `-${direction}`, '-t', TMUX_PANE, '-c', process.cwd()],
      ...carried,
      ...command,
    ]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new UsageError('tmux is not on the PATH', { cause: error });
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new InfraError(`tmux cannot split this window: ${words}`, { cause: error });
  }
}

/** For ~/.tmux.conf. The keys are free in tmux's own table. */
export const TMUX_CONF = `set -g status-interval 5
set -g status-right '#(cd #{q:pane_current_path} && looptop status --tmux)'
# prefix P: the pane in a popup; q closes it, and the loops go on
bind-key P display-popup -E -w 90% -h 90% -d '#{pane_current_path}' looptop
# prefix S: in a split below
bind-key S split-window -v -c '#{pane_current_path}' looptop
# lets notifications of the desktop through
set -g allow-passthrough on`;
