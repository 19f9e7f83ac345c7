/** One git command: arguments in, bytes out. The only file that starts git; what to run and what it means is the callers'. */
import { simpleGit } from 'simple-git';
import { ConfigError, InfraError } from '../../loop/errors.ts';
import { type ConfigPair, type Environment, gitEnv, UNSAFE } from './harden.ts';
import { Queue } from './queue.ts';

export interface Call {
  readonly cwd: string;
  /** The operator's environment; hardened before use. */
  readonly env: Environment;
  /** Variables of this call only, such as GIT_DIR. */
  readonly set?: Readonly<Record<string, string>>;
  readonly config?: readonly ConfigPair[];
  readonly input?: Buffer | string;
  /** Kills git once it has printed this many bytes; the answer is then cut there. Without it: no limit. */
  readonly limit?: number;
  /** Ends git, which then is an InfraError. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly cut: boolean;
}

interface Result {
  readonly exitCode: number;
  readonly stdErr: Buffer[];
}

/** A hundred runs ending together must not start a hundred gits. */
const slots = new Queue(8);

/** Runs git to its end, whatever its exit code. Throws ConfigError where git is not installed. */
export function ask(args: readonly string[], call: Call): Promise<Answer> {
  return slots.run(() => start(args, call));
}

/** Like `ask`, for commands that have no business failing: stdout as text, InfraError with git's own words otherwise. */
export async function git(args: readonly string[], call: Call): Promise<string> {
  const answer = await ask(args, call);
  if (answer.code === 0) return answer.stdout.toString('utf8');
  throw gitFailed(args, call.cwd, answer);
}

export function gitFailed(args: readonly string[], cwd: string, answer: Answer): InfraError {
  const words = answer.stderr.trim().split('\n').slice(-3).join(' ') || `exit code ${answer.code}`;
  return new InfraError(`git ${args.slice(0, 2).join(' ')} failed in ${cwd}: ${words}`);
}

async function start(args: readonly string[], call: Call): Promise<Answer> {
  const env = gitEnv(call.env, call.set, call.config);
  const chunks: Buffer[] = [];
  const enough = new AbortController();
  let size = 0;
  let code = 0;
  let stderr = '';

  const options = {
    baseDir: call.cwd,
    unsafe: UNSAFE,
    allowEnvironment: Object.keys(env).filter((key) => key.startsWith('GIT_')),
    // By default simple-git takes the answer 50 ms after `exit`, read or not; only `close` means that all of it is here.
    completion: { onClose: true, onExit: false },
    abort: call.signal === undefined ? enough.signal : AbortSignal.any([enough.signal, call.signal]),
    input: () => call.input,
    // By default a failure that prints nothing to stderr counts as success.
    errors: (error: Buffer | Error | undefined, result: Result) => {
      // null for a git that was killed, negative for one that could not be started: only the latter is an error here.
      code = result.exitCode ?? -1;
      stderr = Buffer.concat(result.stdErr).toString('utf8');
      return result.exitCode < 0 ? error : undefined;
    },
  };
  try {
    await simpleGit(options)
      .env(env)
      .outputHandler((_command, stdout) => {
        stdout.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (call.limit !== undefined && size > call.limit) enough.abort();
        });
        // simple-git waits another 50 ms after a command that printed nothing; an empty chunk spares them.
        stdout.once('end', () => size === 0 && stdout.emit('data', Buffer.alloc(0)));
      })
      .raw([...args]);
  } catch (cause) {
    if (call.signal?.aborted)
      throw new InfraError(`git ${args.slice(0, 1).join(' ')} took too long in ${call.cwd}`, { cause });
    if (!enough.signal.aborted) throw notStarted(args, call.cwd, cause);
  }
  const stdout = Buffer.concat(chunks).subarray(0, call.limit);
  return { code, stdout, stderr, cut: enough.signal.aborted };
}

function notStarted(args: readonly string[], cwd: string, cause: unknown): ConfigError | InfraError {
  const words = cause instanceof Error ? cause.message : String(cause);
  if (/spawn git ENOENT/.test(words)) {
    return new ConfigError('git was not found on the PATH: install git 2.31 or newer (https://git-scm.com/downloads)', {
      cause,
    });
  }
  return new InfraError(`git ${args.slice(0, 2).join(' ')} could not run in ${cwd}: ${words.trim()}`, { cause });
}
