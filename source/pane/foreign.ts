/** Programs that get the terminal for a while: $EDITOR on a text, a shell or an agent's session in a worktree. The pane must be suspended around them. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Lets $VISUAL or $EDITOR (else vi) change a text, and returns what it left. Rejects when the editor cannot run or fails. */
export async function editText(text: string, env: Environment): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'looptop-'));
  const file = join(folder, 'note.md');
  try {
    await writeFile(file, text, { mode: 0o600 });
    const editor = env.VISUAL || env.EDITOR || 'vi';
    // Through a shell, as git does it: the variable may hold options ("code --wait").
    const code = await foreground('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], undefined, env);
    if (code !== 0) throw new Error(`${editor} ended with ${code}: the text is as it was`);
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program of the operator's in a folder, until they leave it. It is no part of the run: a kill of the run must not end it. */
export async function runForeground(
  argv: readonly [string, ...string[]],
  folder: string,
  env: Environment,
): Promise<void> {
  const [command, ...args] = argv;
  await foreground(command, args, folder, env);
}

function foreground(
  command: string,
  args: readonly string[],
  cwd: string | undefined,
  env: Environment,
): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', cwd, env: { ...env } });
    child.once('error', (cause) =>
      reject(new Error(`${command} could not be started${cwd === undefined ? '' : ` in ${cwd}`}`, { cause })),
    );
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'an unknown signal'));
  });
}
