/** The measure to beat: tmux with one tiled pane an agent, each following the same text as it is written. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Used, watch } from './proc.ts';
import { openTerminal } from './terminal.ts';

/** CPU of the tmux server while an attached terminal of 200x50 shows `outs`. The filters of the panes are not counted. */
export async function measureTmux(outs: readonly string[], folder: string, seconds: number): Promise<Used> {
  const env = Object.fromEntries(
    Object.entries({ ...process.env, TMUX: '', TMUX_TMPDIR: folder, LC_ALL: 'C.UTF-8' }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', 'bench', '-f', '/dev/null', ...args], { env, encoding: 'utf8' }).trim();
  const follow = (out: string) => `tail -n 0 -f '${out}' | sed -un 's/.*"text":"\\([^"]*\\)".*/\\1/p'`;
  try {
    for (const [n, out] of outs.entries()) {
      if (n === 0) tmux('new-session', '-d', '-x', '200', '-y', '50', follow(out));
      else tmux('split-window', follow(out));
      tmux('select-layout', 'tiled');
    }
    await using _client = await openTerminal(`tmux -L bench attach`, folder, env);
    const server = Number(tmux('display-message', '-p', '#{pid}'));
    await sleep(3000);
    return (await watch({ server }, seconds)).server;
  } finally {
    tmux('kill-server');
  }
}
