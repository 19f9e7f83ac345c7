/** The program that the launcher loads: argv to one verb of commands/, and the exit code. */
import { main } from './commands/program.ts';

// The launcher's NODE_ENV was for React, which the bundle has been built for already; agents and gates must not inherit it.
// By Reflect because esbuild replaces `process.env.NODE_ENV` with the constant.
if (process.env.LOOPTOP_NODE_ENV !== undefined) {
  for (const name of ['NODE_ENV', 'LOOPTOP_NODE_ENV']) Reflect.deleteProperty(process.env, name);
}

// `looptop log | head`: the reader has gone, which is its right.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
